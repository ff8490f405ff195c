r"""Trains what a config describes.

  python -m jaxgan.main --config=dcgan_anime[:tiny] [--workdir=DIR]
      [--config.num_steps=3000] [--config.data.path=FOLDER]

--config is the name of a config that comes with the package, or a file of your own:
--config=FILE.py[:VARIANT]. The workdir defaults to runs/NAME. The same command again
continues where it stopped, or says that it is done. Watch it with: tensorboard
--logdir=runs
"""

import pathlib
import re
import sys

from absl import flags, logging
from ml_collections import config_flags

from jaxgan import errors

FLAGS = flags.FLAGS
CONFIGS = pathlib.Path(__file__).parent / "configs"  # Those of the package.
# Parts of absl's messages, and what they ask for.
WANTED = {
  "invalid literal for int()": "a whole number",
  "could not convert string to float": "a number",
  "Non-boolean argument": "true or false",
  "as a ConfigDict": "the fields of a group one by one, as --config.GROUP.FIELD=VALUE",
}


def define_flags() -> None:
  """Defines the options; once in a process."""
  config_flags.DEFINE_config_file(
    "config", None, "Name or file of the config; see above.", lock_config=True
  )
  flags.DEFINE_string("workdir", "", "Folder of the run; by default runs/CONFIG.")
  flags.DEFINE_bool("distributed", False, "Join the cluster's other processes.")
  flags.DEFINE_string(
    "coordinator", "", "host:port of process 0, where no cluster manager tells."
  )
  flags.DEFINE_integer("num_processes", 1, "With --coordinator.")
  flags.DEFINE_integer("process_id", 0, "With --coordinator.")


def parse(argv: list[str], help_text: str = __doc__) -> None:
  """Parses the options.

  Args:
    argv: the command line.
    help_text: what --help writes above the options.

  Raises:
    UserError: if something is wrong with them, or with the config.
  """
  if "config" not in FLAGS:
    define_flags()
  if {"--help", "-h", "--helpshort"} & set(argv[1:]):
    sys.stdout.write(help_text + "\n" + FLAGS.main_module_help() + "\n")
    sys.exit(0)
  arguments = [_with_config_file(argument) for argument in argv]
  try:
    rest = FLAGS(arguments)[1:]
  except flags.Error as error:
    raise errors.UserError(_wanted(_last_line(error))) from error
  except Exception as error:  # A config may raise anything, and a field name be wrong.
    raise errors.UserError(_field_or_last_line(error)) from error
  if rest:
    raise errors.UserError(f"unexpected argument {rest[0]!r}: options begin with --.")
  if FLAGS.config is None:
    raise errors.UserError(
      "no config: choose one with --config=NAME or FILE.py, such as "
      "--config=dcgan_anime."
    )


def find_config(value: str) -> str:
  """NAME[:VARIANT] or FILE.py[:VARIANT] to FILE.py[:VARIANT].

  Raises:
    UserError: if there is no such config.
  """
  name, colon, variant = value.partition(":")
  path = pathlib.Path(name)
  if path.name == name and not path.suffix:
    path = CONFIGS / f"{name}.py"
  if path.is_file() and path.suffix == ".py":
    return f"{path}{colon}{variant}"
  if path.is_file():
    raise errors.UserError(f"{path} is no config: configs are .py files.")
  names = {other.stem for other in CONFIGS.glob("*.py")}
  beside = {str(other) for other in path.parent.glob("*.py")}
  hint = (
    errors.nearest(str(path), beside)
    if beside and path.parent != CONFIGS and path.stem not in names
    else errors.nearest(path.stem, names)
  )
  raise errors.UserError(f"no config {name}: {hint}")


def _with_config_file(argument: str) -> str:
  """An argument of the command line, where --config=NAME becomes --config=FILE."""
  option, equals, value = argument.partition("=")
  if option != "--config" or not equals:
    return argument
  return f"--config={find_config(value)}"


def _wanted(text: str) -> str:
  """absl's message of an option's value, with what is wanted in place of the cause."""
  option, _, cause = text.partition(": ")
  for part, wanted in WANTED.items():
    if part in cause:
      return f"{option.removeprefix('flag ')} is wrong: it takes {wanted}."
  return text


def _field_or_last_line(error: Exception) -> str:
  """The misspelt field that a locked config names, or what is wrong with the config."""
  hint = re.search(r'Did you mean "(.+?)" instead of "(.+?)"', str(error))
  if hint:
    return f"the config has no field {hint[2]!r}: did you mean {hint[1]!r}?"
  if isinstance(error, KeyError | AttributeError):
    return f"the config has no {_last_line(error)}."
  return f"the config cannot be read: {type(error).__name__}: {_last_line(error)}"


def _last_line(error: Exception) -> str:
  """The last line of an error's message, which may quote a traceback before it."""
  text = str(error.args[0] if error.args else error)
  line = text.strip().splitlines()[-1]
  return re.sub(r"^(TypeError|ValueError): ", "", line)


def config_name(config_file: str) -> str:
  """FOLDER/NAME.py:VARIANT -> NAME:VARIANT."""
  path, _, variant = config_file.partition(":")
  name = pathlib.Path(path).stem
  return f"{name}:{variant}" if variant else name


def default_workdir(config_file: str) -> pathlib.Path:
  """FOLDER/NAME.py:VARIANT -> runs/NAME_VARIANT."""
  return pathlib.Path("runs") / config_name(config_file).replace(":", "_")


def main(argv: list[str]) -> None:
  """Parses the command line and trains."""
  parse(argv)
  config, file = FLAGS.config, FLAGS["config"].config_filename
  workdir = errors.expanded(FLAGS.workdir) if FLAGS.workdir else default_workdir(file)
  logging.info("jaxgan: %s in %s", config.experiment, workdir)
  from jaxgan import runner  # JAX takes a second to import: a typing error need not.
  from jaxgan.engine import core

  numbered = FLAGS.num_processes, FLAGS.process_id
  share = runner.share(config, *numbered) if FLAGS.coordinator else core.WHOLE
  if share == core.WHOLE:
    runner.setup(FLAGS.distributed, FLAGS.coordinator, *numbered)
  else:
    runner.setup()
  runner.train(config, workdir, config_name(file), share)


if __name__ == "__main__":
  errors.run(main)
