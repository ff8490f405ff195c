"""Saves and restores the states of a run: Orbax, asynchronous.

Orbax writes to a temporary name and renames: a checkpoint exists whole or not at all,
whenever the process is killed.
"""

from collections.abc import Callable, Sequence
import dataclasses
import itertools
import math
import pathlib
from typing import Any

from absl import logging
import jax
from jax.experimental import multihost_utils
import jax.numpy as jnp
import orbax.checkpoint as ocp
from orbax.checkpoint import checkpoint_managers

from jaxgan.engine import checkpoints, core, quiet, sums
from jaxgan.errors import UserError, nearest

Tree = Any


@jax.jit
def _finite(items: dict[str, Tree]) -> dict[str, jax.Array]:
  """Of each item whether it holds neither NaN nor Inf."""

  def finite(tree):
    floats = [x for x in jax.tree.leaves(tree) if jnp.issubdtype(x.dtype, jnp.floating)]
    return jnp.all(jnp.array([jnp.all(jnp.isfinite(x)) for x in floats]))

  return {name: finite(tree) for name, tree in items.items()}


@dataclasses.dataclass(frozen=True)
class _Best(checkpoint_managers.PreservationPolicy):
  """Preserves the checkpoint of the lowest score.

  Orbax's own policy needs the score when a checkpoint is saved; ours are evaluated
  after that.
  """

  scores: dict[int, float | None]

  def should_preserve(self, infos: Sequence[Any], *, context: Any) -> list[bool]:
    del context
    best = checkpoints.best_step(self.scores, [info.step for info in infos])
    return [info.step == best for info in infos]


class Saver:
  """The checkpoints of a run.

  Args:
    directory: where they lie; made when first written to.
    keep: how many of the newest to keep, 1 or more.
    best: name of an evaluation's result, lower is better; the best checkpoint by it is
      kept too.
  """

  def __init__(self, directory: pathlib.Path, *, keep: int = 3, best: str = ""):
    quiet.silence()
    self.directory = directory.absolute()
    checkpoints.drop_damaged_notes(self.directory)
    self._scores = checkpoints.scores(self.directory)
    self._manager = ocp.CheckpointManager(
      self.directory,
      options=ocp.CheckpointManagerOptions(
        preservation_policy=checkpoint_managers.AnyPreservationPolicy(
          [checkpoint_managers.LatestN(keep), _Best(self._scores)]
        )
      ),
    )
    self._best = best
    self._last_saved = self._manager.latest_step()

  def __enter__(self) -> "Saver":
    return self

  def __exit__(self, kind, *_) -> None:
    try:
      self._manager.close()
    except Exception as error:
      if kind is None:  # Else it must not hide the error that ends the run.
        raise self._not_written(error) from error

  def steps(self) -> Sequence[int]:
    """Steps of the run with a checkpoint, in ascending order."""
    return sorted(self._manager.all_steps())

  def check_finite(self, run_step: int, state: core.State) -> None:
    """Stops a run whose state need neither be saved nor evaluated.

    Optimizers are left out: those that search along a line start from Inf.

    Raises:
      UserError: if weights, or what else inference may read, hold NaN or Inf.
    """
    items = checkpoints.to_items(state)
    read = {name: tree for name, tree in items.items() if not name.startswith("opt.")}
    for name, finite in jax.device_get(_finite(read)).items():
      if not finite:
        raise self.diverged(f"{name} holds NaN or Inf at step {run_step}")

  def diverged(self, what: str) -> UserError:
    """The error that ends a run where NaN or Inf came up, when all is saved."""
    self.wait()
    return UserError(f"{what}; {self.kept()}. Lower the learning rate.")

  def save(
    self, run_step: int, position: checkpoints.Position, state: core.State
  ) -> None:
    """Starts to save a state, which is written while training continues.

    Args:
      run_step: steps since the beginning of the run, over all stages.
      position: the same within its stage.
      state: passed `check_finite`; on the host when this returns, so that it may be
        donated to the next step.

    Raises:
      UserError: if the checkpoint before could not be written.
    """
    if run_step == self._last_saved:
      return
    items = checkpoints.to_items(state)
    saved = {x: int(value) for x, value in jax.device_get(sums.of_items(items)).items()}
    where = ocp.args.JsonSave(checkpoints.position_to_json(position, saved))
    trees = {name: ocp.args.StandardSave(tree) for name, tree in items.items()}
    try:
      self._manager.save(
        run_step, force=True, args=ocp.args.Composite(position=where, **trees)
      )
    except Exception as error:  # Orbax has no base class for what the disk does.
      raise self._not_written(error) from error
    self._last_saved = run_step

  def evaluated(self, run_step: int) -> bool:
    """Whether the evaluation of a step is recorded."""
    return run_step in self._scores

  def record(self, run_step: int, results: dict[str, float]) -> None:
    """Records the evaluation of a step whose checkpoint is on disk.

    Raises:
      UserError: if the result that tells the best is missing, or the disk is full.
    """
    score = self._score(results)
    if jax.process_index() == 0:
      try:
        checkpoints.write_evaluation(self.directory, run_step, results, score)
      except OSError as error:
        raise self._not_written(error) from error
    self._scores[run_step] = score

  def _score(self, results: dict[str, float]) -> float | None:
    """The result by which checkpoints are compared, if there is one."""
    if not self._best:
      return None
    if self._best not in results:
      raise UserError(
        f"config.best = {self._best!r} is not evaluated: {nearest(self._best, results)}"
      )
    score = results[self._best]
    if not math.isfinite(score):
      logging.warning("%s is %s: this checkpoint cannot be the best", self._best, score)
      return None
    return score

  def check(self) -> None:
    """Raises early if the newest checkpoint could not be written; does not wait.

    Raises:
      UserError: if so; those before are as they were.
    """
    try:
      self._manager.check_for_errors()
    except Exception as error:
      raise self._not_written(error) from error

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
    return UserError(
      f"cannot save a checkpoint in {self.directory}: {checkpoints.reason(error)}; "
      f"{self.kept()}. Make room and start again."
    )

  def kept(self) -> str:
    """Words that tell which checkpoint a run that failed can continue from."""
    steps = self.steps()
    return f"the checkpoint of step {steps[-1]} is kept" if steps else "none was saved"

  def restore(
    self, like: Callable[[checkpoints.Position], core.State]
  ) -> tuple[int, checkpoints.Position, core.State] | None:
    """The newest state that can be read; those that cannot are set aside.

    Args:
      like: shapes, types and shardings of the state at a position.

    Returns:
      Steps since the beginning of the run, those within the stage, and the state; None
      if nothing was saved.

    Raises:
      UserError: if there are checkpoints, but not one can be read.
    """
    damaged: dict[int, Exception] = {}
    for run_step in reversed(self.steps()):
      try:
        position, saved = self._restore_position(run_step)
      except Exception as error:  # Orbax raises whatever the damage makes it raise.
        damaged[run_step] = error
        continue
      template = like(position)
      try:
        state = self._restore_state(run_step, template, saved)
      except Exception as error:
        damaged[run_step] = error
        continue
      self._set_aside(damaged, run_step)
      return run_step, position, state
    if damaged:  # Another program's rather than all damaged: leave them alone.
      raise UserError(
        f"no checkpoint in {self.directory} can be read (step {max(damaged)}: "
        f"{checkpoints.reason(damaged[max(damaged)])}): use another --workdir."
      )
    return None

  def _restore_position(
    self, run_step: int
  ) -> tuple[checkpoints.Position, dict[str, int]]:
    saved = self._manager.restore(
      run_step, args=ocp.args.Composite(position=ocp.args.JsonRestore())
    )
    return checkpoints.position_from_json(saved.position)

  def _restore_state(
    self, run_step: int, like: core.State, sums_then: dict[str, int]
  ) -> core.State:
    items = {
      name: ocp.args.StandardRestore(tree)
      for name, tree in checkpoints.to_items(like).items()
    }
    saved = self._manager.restore(run_step, args=ocp.args.Composite(**items))
    state = checkpoints.from_items(dict(saved.items()), like)
    sums_now = jax.device_get(sums.of_items(checkpoints.to_items(state)))
    checkpoints.check_sums(sums_now, sums_then)
    return state

  def _set_aside(self, damaged: dict[int, Exception], used: int) -> None:
    """Renames damaged checkpoints, so that their steps can be saved again."""
    if not damaged:
      return
    for run_step, error in damaged.items():
      self._scores.pop(run_step, None)
      if jax.process_index() == 0:
        target = next(
          path
          for n in itertools.count()
          if not (
            path := self.directory.parent / f"{run_step}.damaged{n or ''}"
          ).exists()
        )
        (self.directory / str(run_step)).rename(target)
        logging.warning(
          "the checkpoint of step %d is damaged (%s): using that of step "
          "%d; it is kept as %s",
          run_step,
          checkpoints.reason(error),
          used,
          target,
        )
    if jax.process_count() > 1:
      multihost_utils.sync_global_devices("set aside")
    self._manager.reload()
    self._last_saved = self._manager.latest_step()
