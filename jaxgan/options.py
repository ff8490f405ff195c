"""Command-line options of functions: the keyword-only parameters of a task."""

import argparse
from collections.abc import Callable
import inspect
import math
import re
import sys
from typing import Any, NoReturn

from jaxgan import errors

# What the verbs say of the option that names a trained run.
WORKDIR = "folder of a run, a .safetensors file, or shipped:NAME (shipped: lists them)"


class Parser(argparse.ArgumentParser):
  """An argument parser whose errors are UserErrors."""

  def error(self, message: str) -> NoReturn:
    raise errors.UserError(message)


def add_function(
  parser: argparse.ArgumentParser, function: Callable, *others: Callable
) -> None:
  """Adds an option for each keyword-only parameter, explained by the docstring.

  Types come from the defaults: bool (`--x` and `--no-x`), int, float or str. A whole
  number must not be negative unless its default is: a count or a seed never is.

  Args:
    parser: gets the options.
    function: what they are of.
    *others: if there are any, only parameters that all of them have alike are added.
  """
  explained = explanations(function)
  for name, parameter in keyword_only(function).items():
    if any(keyword_only(other).get(name) != parameter for other in others):
      continue
    default = parameter.default
    kind = (
      {"action": argparse.BooleanOptionalAction}
      if isinstance(default, bool)
      else {"type": _parser_of(name, default), "metavar": name.upper()}
    )
    text = explained.get(name, "").replace("%", "%%")
    parser.add_argument(
      f"--{name}", default=default, help=text + " (%(default)r)", **kind
    )


def _parser_of(name: str, default: Any) -> Callable[[str], Any]:
  """Text of an option to a value of its default's type.

  What it returns raises UserError if the text is none.
  """

  def whole(text):
    if not re.fullmatch(r"[+-]?\d+", text):
      raise errors.UserError(f"--{name}={text} is not a whole number.")
    if int(text) < min(default, 0):
      raise errors.UserError(f"--{name}={text} must not be negative.")
    return int(text)

  def real(text):
    try:
      value = float(text)
    except ValueError:
      value = math.nan
    if not math.isfinite(value):
      raise errors.UserError(f"--{name}={text} is not a number.")
    return value

  return {int: whole, float: real}.get(type(default), str)


def keyword_only(function: Callable) -> dict[str, inspect.Parameter]:
  """The parameters that become options."""
  return {
    name: parameter
    for name, parameter in inspect.signature(function).parameters.items()
    if parameter.kind is inspect.Parameter.KEYWORD_ONLY
  }


def explanations(function: Callable) -> dict[str, str]:
  """The `Args:` section of a docstring: {parameter: explanation}."""
  doc = inspect.getdoc(function) or ""
  _, _, section = doc.partition("Args:\n")
  section = re.split(r"\n\S", section)[0]
  return {
    name: " ".join(text.split())
    for name, text in re.findall(r"^  (\w+): (.*(?:\n    .*)*)", section, re.MULTILINE)
  }


def write(text: str) -> None:
  """Writes a verb's answer to standard output; everything else is a log line."""
  sys.stdout.write(text + "\n")


def call(function: Callable, *args: Any, **known: Any) -> Any:
  """Calls a function with those of the known options that it takes."""
  return function(
    *args,
    **{name: value for name, value in known.items() if name in keyword_only(function)},
  )
