"""What a model file, which may be a stranger's, must be before it is used."""

import importlib.util
import subprocess
import sys

from jaxgan import errors, experiments
from jaxgan.engine import model_file

# Where a package lies, for a Python of its own.
_WHERE = """
import importlib.util, sys
spec = importlib.util.find_spec(sys.argv[1])
sys.stdout.write(str(spec.origin or list(spec.submodule_search_locations)))
"""


def is_module(name: str) -> bool:
  """Whether there is a module of a full name."""
  if not all(part.isidentifier() for part in name.split(".")):
    return False
  try:
    return importlib.util.find_spec(name) is not None
  except (ModuleNotFoundError, ValueError):  # A package above it; no file.
    return False


def check_installed(run: model_file.FileRun) -> None:
  """Raises UserError for a family of one's own that is not installed.

  A file may come from a stranger, and the folder that one starts in as well. A folder
  of one's own run is trusted: its family may be in development.
  """
  name = str(run.config.get("experiment"))
  package, dot, _ = name.partition(".")
  if dot and is_module(package) and not _is_installed(package):
    raise errors.UserError(
      f"{run.name} is of the family {name}, and a model file imports only what is "
      f"installed: install {package}, or add its folder to PYTHONPATH, if you trust it."
    )


def _is_installed(package: str) -> bool:
  """Whether a program that was started elsewhere would find the same package.

  Nothing of it is imported. Python's own modules are none: some act on being imported.
  """
  spec = importlib.util.find_spec(package)
  here = spec.origin or list(spec.submodule_search_locations)
  # -P leaves out the folder that a program is started in.
  asked = [sys.executable, "-P", "-c", _WHERE, package]
  there = subprocess.run(asked, cwd="/", capture_output=True, text=True, check=False)
  return package not in sys.stdlib_module_names and there.stdout == str(here)


def check_contents(family: experiments.Family, run: model_file.FileRun) -> None:
  """Raises UserError unless a file holds what its family makes of its config."""
  try:
    wanted = experiments.extra(family, "contents")(run)
  except errors.UserError as error:
    raise errors.UserError(f"{run.name}: {error}") from error
  except Exception as error:  # Made-up values make a family raise nearly anything.
    raise errors.UserError(
      f"{run.name} is damaged, made up, or of another version of its family "
      f"({type(error).__name__}: {model_file.cause(error)}): do not use it."
    ) from error
  if wanted is not None:
    model_file.compare(run, wanted)
