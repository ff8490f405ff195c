"""What a checkpoint holds, and reading it without the run: for inference.

A checkpoint of step n is the folder `DIR/n`. In it Orbax keeps a folder, an item, for
every entry of the state (`params.generator`, `opt.generator`, `extra.ema`, ...), so
that inference restores the one it needs. Of these the item `position` keeps the sums,
beside where in the run they were saved; `evaluation.json` holds the step's evaluation.
"""

from collections.abc import Iterable, Mapping
import os
import pathlib
import re
from typing import Any, NamedTuple
import zlib

import jax
import numpy as np

from jaxgan.engine import core, run_files, sums
from jaxgan.errors import UserError
from jaxgan.images import writer

Tree = Any
GROUPS = ("params", "opt", "extra")
EVALUATIONS = (
  "evaluation.json",
  "metrics/metrics",  # Of Orbax, in runs of earlier versions.
)


class Position(NamedTuple):
  """Where a checkpoint lies in a run."""

  stage: str
  step: int  # Within the stage.


def position_to_json(position: Position, saved: Mapping[str, int]) -> dict[str, Any]:
  """What the item `position` holds; `saved` are the sums of the others, by name."""
  return position._asdict() | {"sums": dict(saved), "check": _check(position, saved)}


def position_from_json(held: Any) -> tuple[Position, dict[str, int]]:
  """Inverse of `position_to_json`; earlier versions' checkpoints have no sums.

  Raises:
    ValueError: it is damaged.
  """
  match held:
    case {"stage": str() as stage, "step": int() as step}:
      position, saved = Position(stage, step), held.get("sums", {})
      if "sums" not in held or held.get("check") == _check(position, saved):
        return position, saved
  raise ValueError("its position is not what was saved")


def _check(position: Position, saved: Mapping[str, int]) -> int:
  return zlib.crc32(repr([*position, sorted(saved.items())]).encode())


def check_sums(got: Mapping[str, Any], saved: Mapping[str, int]) -> None:
  """Raises ValueError if an item's sum is known and is another than it was."""
  for name, value in got.items():
    if int(value) != saved.get(name, int(value)):
      raise ValueError(f"{name} is not what was saved")


def to_items(state: core.State) -> dict[str, Tree]:
  """The state as named items, each restorable alone."""
  items = {"clock": {"step": state.step, "key": state.key}}
  for group in GROUPS:
    items |= {
      f"{group}.{name}": {"tree": tree}
      for name, tree in getattr(state, group).items()
      if jax.tree.leaves(tree)
    }  # Orbax refuses to save nothing.
  return items


def from_items(items: dict[str, Tree], like: core.State) -> core.State:
  """Inverse of `to_items`; `like` supplies the entries that hold no arrays."""

  def fill(group):
    return {
      name: items.get(f"{group}.{name}", {"tree": tree})["tree"]
      for name, tree in getattr(like, group).items()
    }

  return core.State(
    items["clock"]["step"], items["clock"]["key"], *(fill(group) for group in GROUPS)
  )


def reason(error: Exception) -> str:
  """The cause of an error of Orbax in a few words."""
  code = re.search(r"os_error_code='(\d+)'", str(error))  # TensorStore's message.
  number = int(code[1]) if code else getattr(error, "errno", None)
  if number:
    return os.strerror(number)
  return (str(error).strip() or repr(error)).splitlines()[0][:100]


def restore_item(
  directory: pathlib.Path, name: str, step: int | str = "latest"
) -> Tree:
  """One item of a checkpoint as NumPy arrays, on any number of devices.

  Args:
    directory: the run's checkpoint folder.
    name: such as "extra.ema" or "params.discriminator".
    step: a step of the run, "latest", or "best" by the run's metric (the latest if
      none was evaluated).

  Raises:
    UserError: if there is no such checkpoint or item, or it cannot be read.
  """
  directory = directory.absolute()
  path = directory / str(find_step(directory, step)) / name
  if not path.is_dir():
    raise UserError(f"checkpoint {path.parent} holds no {name!r}.")
  import orbax.checkpoint as ocp  # Imports slowly; model files do without.

  try:
    with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as checkpointer:
      shapes = checkpointer.metadata(path).item_metadata.tree
      numpy = jax.tree.map(lambda _: ocp.RestoreArgs(restore_type=np.ndarray), shapes)
      saved = checkpointer.restore(path, ocp.args.PyTreeRestore(restore_args=numpy))
    if (position := path.parent / "position").is_dir():  # Else items were copied alone.
      with ocp.Checkpointer(ocp.JsonCheckpointHandler()) as checkpointer:
        _, known = position_from_json(checkpointer.restore(position))
      check_sums({name: sums.of(saved)}, known)
  except Exception as error:  # Orbax raises whatever the damage makes it raise.
    raise UserError(
      f"checkpoint {path} is damaged ({reason(error)}): choose another --step."
    ) from error
  return saved["tree"]


def item_names(directory: pathlib.Path, step: int | str = "latest") -> set[str]:
  """Names of the items of a checkpoint; see `restore_item`."""
  path = directory / str(find_step(directory, step))
  return {child.name for child in path.iterdir() if child.is_dir()}


def steps(directory: pathlib.Path) -> list[int]:
  """Steps of the run with a checkpoint, in ascending order.

  Without a manager, which would clean up after a run that is still going.
  """
  import orbax.checkpoint as ocp

  names = ocp.path.step.standard_name_format()
  return sorted(found.step for found in names.find_all(directory))


def drop_damaged_notes(directory: pathlib.Path) -> None:
  """Removes Orbax's notes of a checkpoint, such as its time, where they are damaged.

  Orbax's manager fails over them, and does without.
  """
  import orbax.checkpoint as ocp

  if jax.process_index():
    return
  for found in ocp.path.step.standard_name_format().find_all(directory):
    try:
      _ = found.commit_timestamp
    except Exception:  # Whatever the damage makes it raise.
      (directory / str(found.step) / "_CHECKPOINT_METADATA").unlink(missing_ok=True)


def write_evaluation(
  directory: pathlib.Path, step: int, results: dict[str, float], score: float | None
) -> None:
  """Records the evaluation of a checkpoint.

  Args:
    directory: the run's checkpoint folder.
    step: of a checkpoint that is on disk.
    results: of the evaluation, by name.
    score: by which checkpoints are compared, lower is better; None if it has none.
  """
  text = run_files.line(results | {"score": score})
  writer.write_whole(directory / str(step) / EVALUATIONS[0], text.encode())


def evaluation(directory: pathlib.Path, step: int) -> dict[str, float | None]:
  """The recorded results of a checkpoint's evaluation; empty if it had none."""
  results = run_files.read_known(directory / str(step) / EVALUATIONS[0])
  return {name: value for name, value in results.items() if name != "score"}


def scores(directory: pathlib.Path) -> dict[int, float | None]:
  """{step: score} of the checkpoints that were evaluated; see `write_evaluation`."""
  found = {}
  for step in steps(directory):
    for name in EVALUATIONS:
      match run_files.read_known(directory / str(step) / name):
        case {"score": None | int() | float() as score}:
          found[step] = score
  return found


def best_step(scores: dict[int, float | None], known: Iterable[int]) -> int | None:
  """The step of the lowest score among those known; None if none has a score."""
  scored = [step for step in known if scores.get(step) is not None]
  return min(scored, key=scores.__getitem__, default=None)


def find_step(directory: pathlib.Path, step: int | str) -> int:
  """The number of the step that `restore_item` calls "latest", "best" or a number."""
  known = steps(directory)
  if not known:
    raise UserError(
      f"no checkpoint in {directory}: train first with python -m jaxgan.main."
    )
  if step == "latest":
    return known[-1]
  if step == "best":
    best = best_step(scores(directory), known)
    return known[-1] if best is None else best
  if str(step) not in map(str, known):
    raise UserError(
      f"no checkpoint of step {step} in {directory}: there are "
      f"{', '.join(map(str, known))}."
    )
  return int(step)
