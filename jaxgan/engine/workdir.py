"""Trained runs: the folder of one and whose config it is, and opening any of them."""

from collections.abc import Iterator, Mapping, Sequence
import contextlib
import dataclasses
import fcntl
import fnmatch
import functools
import json
import pathlib
import re
from typing import Any, Protocol

from absl import logging
import jax
import ml_collections

from jaxgan import pretrained
from jaxgan.engine import checkpoints, core, model_file, provenance, run_files
from jaxgan.errors import UserError, expanded

# Fields that may differ when a run is continued: no step of any family depends on them.
ALWAYS_FREE = ("every", "keep", "profile")


class Run(Protocol):
  """A trained run, as tasks and evaluations get it: a folder's or a file's.

  Attributes:
    name: what the user called it, such as "runs/faces".
    config: the config it was trained with.
    facts: what inference must know besides, by stage; see `core.Stage`.
  """

  name: str
  config: ml_collections.ConfigDict
  facts: dict[str, Any]

  def restore(self, name: str) -> Any:
    """One item of the checkpoint, such as "extra.ema", as NumPy arrays.

    Raises:
      UserError: there is none of that name, or it cannot be read.
    """

  def run_step(self) -> int:
    """The step of the run that is used."""

  def items(self) -> set[str]:
    """Names of what the checkpoint holds."""

  def provenance(self) -> dict[str, Any]:
    """Where it came from, as far as is known, JSON; see `jaxgan.engine.provenance`."""


@dataclasses.dataclass(frozen=True)
class FolderRun:
  """A run in the folder where it was trained; see `Run`.

  All is of one checkpoint, which is chosen when it is needed first: a training that
  goes on makes another one the latest or the best, and may delete this one.

  Attributes:
    workdir: the folder.
    config: see `Run`.
    facts: see `Run`.
    step: which checkpoint to use: a step, "latest" or "best".
  """

  workdir: pathlib.Path
  config: ml_collections.ConfigDict
  facts: dict[str, Any]
  step: int | str = "best"

  @property
  def name(self) -> str:
    """The folder."""
    return str(self.workdir)

  def restore(self, name: str) -> Any:
    """One item of the checkpoint as NumPy arrays."""
    return checkpoints.restore_item(self._checkpoints, name, self.run_step())

  def run_step(self) -> int:
    """The step that `step` stood for when it was needed first."""
    return self._run_step

  def items(self) -> set[str]:
    """Names of what the checkpoint holds."""
    return checkpoints.item_names(self._checkpoints, self.run_step())

  def provenance(self) -> dict[str, Any]:
    """What the folder tells of the training."""
    found = checkpoints.evaluation(self._checkpoints, self.run_step())
    return provenance.of_folder(self.workdir, found)

  @property
  def _checkpoints(self) -> pathlib.Path:
    return self.workdir / "checkpoints"

  @functools.cached_property
  def _run_step(self) -> int:
    return checkpoints.find_step(self._checkpoints, self.step)


def restore_matching(run: Run, *patterns: str) -> dict[str, Any]:
  """The items of a run whose names match a pattern, such as "params.*"."""
  return {
    name: run.restore(name)
    for name in sorted(run.items())
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
  }


def claim(
  workdir: pathlib.Path,
  config: Mapping[str, Any],
  facts: Mapping[str, Mapping[str, Any]] | None = None,
  free: Sequence[str] = (),
  writes: bool = True,
) -> None:
  """Writes a run's config to its folder, or checks that the folder's is the same.

  Until a checkpoint is saved any config may take the folder: a run that failed for a
  mistake in its config can be started again with the mistake corrected. So hold `lock`,
  or a second program with another config takes the folder of a run that is starting.

  Args:
    workdir: made if it does not exist.
    config: the run's configuration, JSON.
    facts: see `core.Stage`, by stage; None while they are not known yet.
    free: fields or groups, besides `ALWAYS_FREE`, that may differ when a run is
      continued, such as "num_steps" or "data.path".
    writes: whether this process writes; of several, one does.

  Raises:
    UserError: if the folder cannot be written, or belongs to another config.
  """
  path = workdir / run_files.CONFIG
  with _usable(workdir):
    if path.is_file() and _is_begun(workdir):
      _check_same(workdir, run_files.read(path), _plain(config), (*ALWAYS_FREE, *free))
    if writes and jax.process_index() == 0:
      workdir.mkdir(parents=True, exist_ok=True)
      run_files.write(path, config)
      if facts is not None:
        run_files.write_facts(workdir, facts)


@contextlib.contextmanager
def _usable(workdir: pathlib.Path) -> Iterator[None]:
  """Tells in one line why no run can be in a folder."""
  if workdir.suffix == model_file.SUFFIX or _is_shipped(workdir):
    raise UserError(
      f"--workdir={workdir} is a model file, from which no training goes on: choose a "
      "folder."
    )
  try:
    yield
  except OSError as error:
    raise UserError(
      f"cannot use the workdir {workdir}: {error.strerror}; choose another --workdir."
    ) from error


def read_config(workdir: pathlib.Path) -> ml_collections.ConfigDict | None:
  """The config that a folder belongs to, or None if it belongs to none.

  Raises:
    UserError: if it is damaged.
  """
  if not (workdir / run_files.CONFIG).is_file():
    return None
  return run_files.read_config(workdir)


@contextlib.contextmanager
def lock(workdir: pathlib.Path, share: core.Share = core.WHOLE) -> Iterator[None]:
  """Keeps other programs from training in a folder until this one ends.

  Args:
    workdir: made if it does not exist.
    share: of the run's parts; processes that train shares do not exclude each other.

  Raises:
    UserError: if another program trains there, or the folder cannot be written.
  """
  if jax.process_index():  # The first process locks for all.
    yield
    return
  name = f".lock_{share.index}_of_{share.count}" if share.index else ".lock"
  with _usable(workdir):
    workdir.mkdir(parents=True, exist_ok=True)
    file = (workdir / name).open("w")
  with file:
    try:
      fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
      raise UserError(
        f"another program is training in {workdir}: stop it, or choose "
        "another --workdir."
      ) from error
    except OSError:  # Some network file systems have no locks.
      logging.warning("%s cannot be locked: start nothing else there", workdir)
    yield


def load(name: str | pathlib.Path, step: int | str = "best") -> Run:
  """Opens a trained run.

  Args:
    name: its folder, a model file, or "shipped:NAME".
    step: which checkpoint to use: a step, "latest", or "best" by the run's metric.

  Raises:
    UserError: if there is none, or several; if a file is damaged.
  """
  if _is_shipped(name):
    return model_file.read(pretrained.find(str(name)), str(name), step)
  path = expanded(name)
  return (
    model_file.read(path, step=step) if is_model(name) else _load_folder(path, step)
  )


def is_model(name: str | pathlib.Path) -> bool:
  """Whether a run is named by a model file, or is shipped, and not by a folder."""
  path = expanded(name)
  is_missing = path.suffix == model_file.SUFFIX and not path.exists()
  return _is_shipped(name) or path.is_file() or is_missing


def _is_shipped(name: str | pathlib.Path) -> bool:
  return str(name).startswith(pretrained.PREFIX)


def _load_folder(workdir: pathlib.Path, step: int | str) -> FolderRun:
  try:
    config, facts = run_files.read_config(workdir), run_files.read_facts(workdir)
  except OSError as error:
    raise UserError(
      f"no run in {workdir}: give the --workdir of python -m jaxgan.main, or a model."
    ) from error
  within = sorted(path.parent.name for path in workdir.glob("*/config.json"))
  if within and not (workdir / "checkpoints").is_dir():
    raise UserError(
      f"{workdir} holds {len(within)} runs: give one as --workdir, "
      f"such as {workdir / within[0]}."
    )
  return FolderRun(workdir, config, facts, step)


def _is_begun(workdir: pathlib.Path) -> bool:
  """Whether a run has saved something, or a part of it has."""
  folders = (workdir / "checkpoints", *workdir.glob("*/checkpoints"))
  return any(checkpoints.steps(folder) for folder in folders)


def _plain(tree: Any) -> Any:
  """A tree as it comes back from JSON: tuples become lists."""
  return json.loads(json.dumps(tree))


def _check_same(workdir: pathlib.Path, old: Any, new: Any, free: Sequence[str]) -> None:
  """Raises UserError naming the first fields that differ."""
  changed = [
    line
    for line in _differences(old, new)
    if not any(re.match(rf"{re.escape(name)}[. ]", line) for name in free)
  ]
  if changed:
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    raise UserError(
      f"the workdir {workdir} belongs to another config "
      f"({'; '.join(changed[:3])}{more}): choose another --workdir."
    )


def _differences(old: Any, new: Any, name: str = "") -> list[str]:
  if isinstance(old, dict) and isinstance(new, dict):
    return [
      line
      for key in sorted(old.keys() | new.keys())
      for line in _differences(
        old.get(key), new.get(key), f"{name}.{key}" if name else key
      )
    ]
  if old is None and not new:  # An option that came after the run began, and is off.
    return []
  return [] if old == new else [f"{name} was {old!r}, is {new!r}"]
