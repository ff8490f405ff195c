r"""Writes a trained run as one file that can be given away.

  python -m jaxgan.export --workdir=runs/dcgan_anime --output=faces.safetensors
  python -m jaxgan.generate --workdir=faces.safetensors --task=sample --output=x.png

The file holds what all tasks need: weights, config, and where they come from. It has no
optimizer states, so training cannot go on from it. --dtype=float32 keeps all numbers as
they are; the default, float16, halves the file.
"""

from collections.abc import Callable
import datetime
import importlib.metadata
import pathlib
from typing import TYPE_CHECKING, Any

from absl import logging
import ml_collections

from jaxgan import errors, options, pretrained

if TYPE_CHECKING:  # JAX is imported when the options are understood.
  from jaxgan import experiments
  from jaxgan.engine import workdir


def safetensors(
  family: "experiments.Family",
  run: "workdir.Run",
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
  from jaxgan import experiments
  from jaxgan.engine import model_file

  if dtype not in model_file.DTYPES:
    hint = errors.nearest(dtype, model_file.DTYPES)
    raise errors.UserError(f"--dtype={dtype!r} is not known: {hint}")
  if output.suffix != model_file.SUFFIX:
    raise errors.UserError(f"--output={output}: name it NAME{model_file.SUFFIX}.")
  trees = experiments.extra(family, "exported")(run)
  origin = run.provenance() | {
    "exported": datetime.date.today().isoformat(),
    "exported_by": f"jaxgan {importlib.metadata.version('jaxgan')}",
  }
  config = without_folders(run.config)
  copy = model_file.FileRun(run.name, config, run.facts, run.run_step(), trees, origin)
  model_file.write(output, copy, dtype)


FORMATS: dict[str, Callable[..., None]] = {"safetensors": safetensors}


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


def main(argv: list[str]) -> None:
  """Exports one run and logs how large the file is."""
  parser = options.verb_parser("export", __doc__)
  parser.add_argument("--workdir", required=True, help=options.WORKDIR)
  parser.add_argument("--step", default="best", help="best, latest, or a step")
  parser.add_argument("--format", default="safetensors", help=", ".join(FORMATS))
  parser.add_argument("--output", default="", help="the file to write")
  shared, _ = parser.parse_known_args(argv[1:])
  if shared.workdir == pretrained.PREFIX:
    options.write(pretrained.listing())
    return
  if shared.format not in FORMATS:
    hint = errors.nearest(shared.format, FORMATS)
    raise errors.UserError(f"--format={shared.format!r} is not known: {hint}")
  if not shared.output:
    raise errors.UserError("name the file to write with --output=PATH.")
  export = FORMATS[shared.format]
  options.add_function(parser, export)
  chosen = vars(parser.parse_args(argv[1:]))
  from jaxgan import runner  # Import JAX after the options are understood.

  family, run = runner.open_run(shared.workdir, shared.step)
  output = pathlib.Path(shared.output)
  options.call(export, family, run, output, **chosen)
  size = output.stat().st_size / 1e6
  logging.info("wrote %s: step %d, %.2f MB", output, run.run_step(), size)


if __name__ == "__main__":
  errors.run(main)
