"""Command-line options of functions: a task's signature is its command line."""

import argparse
from collections.abc import Callable
import inspect
import re
import sys
from typing import Any, NoReturn

from jaxgan import errors


class Parser(argparse.ArgumentParser):
  """An argument parser whose complaints are UserErrors."""

  def error(self, message: str) -> NoReturn:
    raise errors.UserError(message)


def add_function(parser: argparse.ArgumentParser, function: Callable) -> None:
  """Adds an option for each keyword-only parameter, explained by the docstring.

  Types come from the defaults: bool (`--x` and `--no-x`), int, float or str.
  """
  explained = explanations(function)
  for name, parameter in keyword_only(function).items():
    default = parameter.default
    kind = (
      {"action": argparse.BooleanOptionalAction}
      if isinstance(default, bool)
      else {"type": type(default), "metavar": name.upper()}
    )
    text = explained.get(name, "").replace("%", "%%")
    parser.add_argument(
      f"--{name}", default=default, help=text + " (%(default)r)", **kind
    )


def keyword_only(function: Callable) -> dict[str, inspect.Parameter]:
  """The parameters that become options."""
  return {
    name: parameter
    for name, parameter in inspect.signature(function).parameters.items()
    if parameter.kind is inspect.Parameter.KEYWORD_ONLY
  }


def explanations(function: Callable) -> dict[str, str]:
  """What the `Args:` section of a docstring says of each parameter."""
  doc = inspect.getdoc(function) or ""
  _, _, section = doc.partition("Args:\n")
  section = re.split(r"\n\S", section)[0]
  return {
    name: " ".join(text.split())
    for name, text in re.findall(r"^  (\w+): (.*(?:\n    .*)*)", section, re.MULTILINE)
  }


def write(text: str) -> None:
  """A verb's answer goes to standard output; everything else is a log line."""
  sys.stdout.write(text + "\n")


def call(function: Callable, *args: Any, **known: Any) -> Any:
  """Calls a function with those of the parsed options that it takes."""
  return function(
    *args,
    **{name: value for name, value in known.items() if name in keyword_only(function)},
  )
