"""Checkpoints: Orbax, asynchronous, one item per group of arrays.

A checkpoint of step n is `DIR/n` with an item for every entry of the state
(`params.generator`, `opt.generator`, `extra.ema`, ...), so that inference restores the
one it needs. Orbax writes to a temporary name and renames: a checkpoint exists whole or
not at all, whenever the process is killed.
"""
from collections.abc import Iterator, Sequence
import json
import pathlib
from typing import Any, NamedTuple

from absl import logging
import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp
from orbax.checkpoint.checkpoint_managers import preservation_policy

from jaxgan.engine import core
from jaxgan.errors import UserError

Tree = Any
GROUPS = ("params", "opt", "extra")


class Position(NamedTuple):
  """Where a checkpoint lies in a run."""

  stage: str
  step: int  # Within the stage.


def to_items(state: core.State) -> dict[str, Tree]:
  """The state as named items, each restorable alone."""
  items = {"clock": {"step": state.step, "key": state.key}}
  for group in GROUPS:
    items |= {f"{group}.{name}": {"tree": tree}
              for name, tree in getattr(state, group).items()
              if jax.tree.leaves(tree)}  # Orbax refuses to save nothing.
  return items


def from_items(items: dict[str, Tree], like: core.State) -> core.State:
  """Inverse of `to_items`; `like` supplies the entries that hold no arrays."""
  def fill(group):
    return {name: items.get(f"{group}.{name}", {"tree": tree})["tree"]
            for name, tree in getattr(like, group).items()}
  return core.State(items["clock"]["step"], items["clock"]["key"],
                    *(fill(group) for group in GROUPS))


@jax.jit
def _all_finite(tree: Tree) -> jax.Array:
  floats = [x for x in jax.tree.leaves(tree) if jnp.issubdtype(x.dtype, jnp.floating)]
  return jnp.all(jnp.stack([jnp.all(jnp.isfinite(x)) for x in floats]))


def _negated_score(metrics: dict[str, float]) -> float:
  """Orbax keeps the greatest; our scores are better when lower."""
  return -metrics["score"]


class Checkpoints:
  """The checkpoints of a run.

  Args:
    directory: where they lie; made when first written to.
    keep: how many of the newest to keep.
    best: name of a metric, lower is better; the best checkpoint by it is kept too.
  """

  def __init__(self, directory: pathlib.Path, *, keep: int = 3, best: str = ""):
    self._directory = directory.absolute()
    policies: list[Any] = [preservation_policy.LatestN(keep)]
    if best:
      policies.append(preservation_policy.BestN(
          get_metric_fn=_negated_score, n=1, keep_checkpoints_without_metrics=False))
    self._manager = ocp.CheckpointManager(
        self._directory, options=ocp.CheckpointManagerOptions(
            preservation_policy=preservation_policy.AnyPreservationPolicy(policies),
            best_fn=_negated_score if best else None))
    self._best = best
    self._last_saved = self._manager.latest_step()

  def __enter__(self) -> "Checkpoints":
    return self

  def __exit__(self, *_) -> None:
    self._manager.close()

  def steps(self) -> Sequence[int]:
    """Steps of the run with a checkpoint, in ascending order."""
    return sorted(self._manager.all_steps())

  def save(self, run_step: int, position: Position, state: core.State,
           metrics: dict[str, float] | None = None) -> None:
    """Starts to save a state; the device goes on at once.

    Args:
      run_step: steps since the beginning of the run, over all stages.
      position: the same within its stage.
      state: copied first, since the next step may overwrite its donated buffers.
      metrics: results of an evaluation of this state.

    Raises:
      UserError: if the state holds NaN or Inf, or the one before could not be written.
    """
    if run_step == self._last_saved and not metrics:
      return
    if not _all_finite(state.params):
      raise UserError(f"the weights hold NaN or Inf at step {run_step}; "
                      f"{self.kept()}. Lower the learning rate.")
    if self._best and metrics:
      metrics = metrics | {"score": metrics[self._best]}
    state = jax.tree.map(jnp.copy, state)
    items = {name: ocp.args.StandardSave(tree)
             for name, tree in to_items(state).items()}
    try:
      self._manager.save(
          run_step, metrics=metrics, force=True, args=ocp.args.Composite(
              position=ocp.args.JsonSave(position._asdict()), **items))
    except Exception as error:  # Orbax has no base class for what the disk does.
      raise self._not_written(error) from error
    self._last_saved = run_step

  def wait(self) -> None:
    """Returns when the newest checkpoint is on disk.

    Raises:
      UserError: if it could not be written; those before are as they were.
    """
    try:
      self._manager.wait_until_finished()
      self._manager.check_for_errors()
    except Exception as error:
      raise self._not_written(error) from error

  def _not_written(self, error: Exception) -> UserError:
    self._manager.reload()
    return UserError(f"cannot save a checkpoint in {self._directory}: {error}; "
                     f"{self.kept()}. Make room and start again.")

  def kept(self) -> str:
    """Says which checkpoint a run that failed can go on from."""
    steps = self.steps()
    return f"the checkpoint of step {steps[-1]} is kept" if steps else "none was saved"

  def newest_first(self) -> Iterator[tuple[int, Position]]:
    """Steps and positions of the checkpoints, damaged ones set aside with a warning."""
    for run_step in reversed(self.steps()):
      try:
        saved = self._manager.restore(run_step, args=ocp.args.Composite(
            position=ocp.args.JsonRestore()))
        yield run_step, Position(**saved.position)
      except Exception as error:
        self.set_aside(run_step, error)

  def restore(self, run_step: int, like: core.State) -> core.State:
    """The whole state of a step.

    Args:
      run_step: one of `steps()`.
      like: shapes, types and shardings of the state.

    Raises:
      Exception: whatever Orbax raises on a damaged or foreign checkpoint.
    """
    items = {name: ocp.args.StandardRestore(tree)
             for name, tree in to_items(like).items()}
    saved = self._manager.restore(run_step, args=ocp.args.Composite(**items))
    return from_items(dict(saved.items()), like)

  def set_aside(self, run_step: int, error: Exception) -> None:
    """Renames a damaged checkpoint, so that the step can be saved again."""
    reason = (str(error).strip() or repr(error)).splitlines()[0]
    logging.warning("the checkpoint of step %d is damaged (%.100s): using the one "
                    "before; it is kept as %d.damaged", run_step, reason, run_step)
    if jax.process_index() == 0:
      path = self._directory / str(run_step)
      path.rename(self._directory.parent / f"{path.name}.damaged")
    self._manager.reload()
    self._last_saved = self._manager.latest_step()


def restore_item(directory: pathlib.Path, name: str,
                 step: int | str = "latest") -> Tree:
  """One item of a checkpoint as NumPy arrays, on any number of devices.

  Args:
    directory: the run's checkpoint folder.
    name: such as "extra.ema" or "params.discriminator".
    step: a step of the run, "latest", or "best" by the run's metric (the latest if
      none was evaluated).

  Raises:
    UserError: if there is no such checkpoint or item.
  """
  directory = directory.absolute()
  path = directory / str(find_step(directory, step)) / name
  if not path.is_dir():
    raise UserError(f"checkpoint {path.parent} holds no {name!r}.")
  with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as checkpointer:
    shapes = checkpointer.metadata(path).item_metadata.tree
    numpy = jax.tree.map(lambda _: ocp.RestoreArgs(restore_type=np.ndarray), shapes)
    saved = checkpointer.restore(path, ocp.args.PyTreeRestore(restore_args=numpy))
  return saved["tree"]


def item_names(directory: pathlib.Path, step: int | str = "latest") -> set[str]:
  """Names of the items of a checkpoint; see `restore_item`."""
  path = directory / str(find_step(directory, step))
  return {child.name for child in path.iterdir() if child.is_dir()}


def find_step(directory: pathlib.Path, step: int | str) -> int:
  """What "latest" and "best" stand for; see `restore_item`.

  Reads only the folder, since a manager would clean up after a run that is still going.
  """
  steps = sorted(int(path.name) for path in directory.glob("[0-9]*")
                 if path.name.isdigit()) if directory.is_dir() else []
  if not steps:
    raise UserError(f"no checkpoint in {directory}: train first with "
                    "python -m jaxgan.main.")
  if step == "latest":
    return steps[-1]
  if step == "best":
    scores = {n: json.loads(path.read_text())["score"] for n in steps
              if (path := directory / str(n) / "metrics" / "metrics").is_file()}
    return min(scores, key=scores.get) if scores else steps[-1]
  if str(step) not in map(str, steps):
    raise UserError(f"no checkpoint of step {step} in {directory}: there are "
                    f"{', '.join(map(str, steps))}.")
  return int(step)
