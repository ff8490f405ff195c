"""The model file, which --workdir takes in the place of a run's folder."""

import datetime
import importlib.metadata
import pathlib
from typing import Any

import ml_collections

from jaxgan import errors, experiments
from jaxgan.engine import model_file, workdir
from jaxgan.formats import checks


def write(
  family: experiments.Family,
  run: workdir.Run,
  output: pathlib.Path,
  *,
  dtype: str = "float16",
) -> None:
  """A model file, which --workdir takes in the place of a run's folder.

  Args:
    dtype: float16, or float32 for a file twice as large; images are equal to less than
      1/255 on average.

  Raises:
    UserError: an option is wrong, or the file cannot be written.
  """
  if dtype not in model_file.DTYPES:
    hint = errors.nearest(dtype, model_file.DTYPES)
    raise errors.UserError(f"--dtype={dtype!r} is not known: {hint}")
  checks.check_name(output, model_file.SUFFIX)
  trees = experiments.extra(family, "exported")(run)
  config = without_folders(run.config)
  copy = model_file.FileRun(
    run.name, config, run.facts, run.run_step(), trees, origin(run)
  )
  model_file.write(output, copy, dtype)


def origin(run: workdir.Run) -> dict[str, Any]:
  """Where a run and its export come from, JSON."""
  try:
    version = importlib.metadata.version("jaxgan")
  except importlib.metadata.PackageNotFoundError:
    version = "from a folder, not installed"
  return run.provenance() | {
    "exported": datetime.date.today().isoformat(),
    "exported_by": f"jaxgan {version}",
  }


def without_folders(config: ml_collections.ConfigDict) -> ml_collections.ConfigDict:
  """A config whose absolute paths are names alone, since they are of this machine."""

  def stripped(value: Any) -> Any:
    if isinstance(value, dict):
      return {name: stripped(x) for name, x in value.items()}
    if isinstance(value, list | tuple):
      return [stripped(x) for x in value]
    if isinstance(value, str) and pathlib.PurePath(value).is_absolute():
      return pathlib.PurePath(value).name
    return value

  return ml_collections.ConfigDict(stripped(config.to_dict()))
