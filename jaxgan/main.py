r"""Trains what a config describes.

  python -m jaxgan.main --config=configs/dcgan_anime.py[:tiny] [--workdir=DIR]
      [--config.num_steps=3000] [--config.data.path=FOLDER]

The workdir defaults to runs/NAME. The same command again continues where it stopped, or
says that it is done. Watch it with: tensorboard --logdir=runs
"""

import pathlib
import re
import sys

from absl import flags, logging
from ml_collections import config_flags

from jaxgan import errors

FLAGS = flags.FLAGS


def define_flags() -> None:
  """Defines what the command line may say; once a process."""
  config_flags.DEFINE_config_file(
    "config", None, "File of the experiment's config.", lock_config=True
  )
  flags.DEFINE_string("workdir", "", "Folder of the run; by default runs/CONFIG.")
  flags.DEFINE_bool("distributed", False, "Join the cluster's other processes.")
  flags.DEFINE_string(
    "coordinator", "", "host:port of process 0, where no cluster manager tells."
  )
  flags.DEFINE_integer("num_processes", 1, "With --coordinator.")
  flags.DEFINE_integer("process_id", 0, "With --coordinator.")


def parse(argv: list[str]) -> None:
  """Parses flags; what is wrong with them becomes a UserError."""
  if "config" not in FLAGS:
    define_flags()
  if {"--help", "-h", "--helpshort"} & set(argv[1:]):
    sys.stdout.write(__doc__ + "\n" + FLAGS.main_module_help() + "\n")
    sys.exit(0)
  for argument in argv[1:]:
    if argument.startswith("--config="):
      _check_config_file(argument.removeprefix("--config="))
  try:
    rest = FLAGS(argv)[1:]
  except flags.Error as error:
    raise errors.UserError(_last_line(error)) from error
  except Exception as error:  # A config may raise anything, and a field name be wrong.
    raise errors.UserError(_field_or_last_line(error)) from error
  if rest:
    raise errors.UserError(f"unexpected argument {rest[0]!r}: options begin with --.")
  if FLAGS.config is None:
    raise errors.UserError(
      "no config: say --config=configs/NAME.py, such as "
      "--config=configs/dcgan_anime.py."
    )


def _check_config_file(value: str) -> None:
  """Raises UserError if there is no such file; lets configs import their siblings."""
  path = pathlib.Path(value.partition(":")[0])
  if path.is_file() and path.suffix != ".py":
    raise errors.UserError(f"{path} is no config: configs are .py files.")
  if not path.is_file():
    known = [str(other) for other in path.parent.glob("*.py")]
    raise errors.UserError(f"no config file {path}: {errors.nearest(str(path), known)}")
  sys.path.append(str(path.resolve().parent.parent))


def _field_or_last_line(error: Exception) -> str:
  """The misspelt field that a locked config complains of, or what went wrong."""
  hint = re.search(r'Did you mean "(.+?)" instead of "(.+?)"', str(error))
  if hint:
    return f"the config has no field {hint[2]!r}: did you mean {hint[1]!r}?"
  if isinstance(error, KeyError | AttributeError):
    return f"the config has no {_last_line(error)}."
  return f"the config cannot be read: {type(error).__name__}: {_last_line(error)}"


def _last_line(error: Exception) -> str:
  """The line that says what is wrong, of an error that quotes a traceback."""
  text = str(error.args[0] if error.args else error)
  return text.strip().splitlines()[-1]


def default_workdir(config_file: str) -> pathlib.Path:
  """configs/NAME.py:variant -> runs/NAME_variant."""
  path, _, variant = config_file.partition(":")
  name = pathlib.Path(path).stem
  return pathlib.Path("runs") / (f"{name}_{variant}" if variant else name)


def main(argv: list[str]) -> None:
  """Parses the command line and trains."""
  parse(argv)
  config = FLAGS.config
  workdir = (
    pathlib.Path(FLAGS.workdir)
    if FLAGS.workdir
    else default_workdir(FLAGS["config"].config_filename)
  )
  logging.info("jaxgan: %s in %s", config.experiment, workdir)
  from jaxgan import runner  # JAX takes a second to import: a typing error need not.

  runner.setup(
    FLAGS.distributed, FLAGS.coordinator, FLAGS.num_processes, FLAGS.process_id
  )
  runner.train(config, workdir)


if __name__ == "__main__":
  errors.run(main)
