"""Command-line options of functions: the keyword-only parameters of a task."""

import argparse
from collections.abc import Callable, Mapping, Sequence
import inspect
import math
import re
import sys
from typing import Any, NamedTuple, NoReturn

from jaxgan import errors

# What the verbs say of the option that names a trained run.
WORKDIR = "folder of a run, a .safetensors file, or shipped:NAME (shipped: lists them)"


class Span(NamedTuple):
  """Where the useful values of an option lie; others may be given.

  Attributes:
    low, high: the ends of a slider; whole numbers for an option that is one.
  """

  low: float
  high: float


class Several(tuple[str, ...]):
  """Values of which an option takes several, joined by commas."""


class SeveralOrFiles(Several):
  """Values of which an option takes several, and images' files among them."""


class Parser(argparse.ArgumentParser):
  """An argument parser whose errors are UserErrors."""

  def error(self, message: str) -> NoReturn:
    raise errors.UserError(message)


def verb_parser(verb: str, description: str, **others: Any) -> Parser:
  """A parser of `python -m jaxgan.VERB`; the description's lines stay as they are."""
  return Parser(
    prog=f"python -m jaxgan.{verb}",
    description=description,
    formatter_class=argparse.RawTextHelpFormatter,
    allow_abbrev=False,
    **others,
  )


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


def parsed(function: Callable, given: Mapping[str, Any]) -> dict[str, Any]:
  """Values of a function's options, checked as those of the command line are.

  Args:
    function: whose options they are.
    given: {option: text, number or bool}; what is None is left out.

  Raises:
    UserError: there is no such option, or a value is none of its kind.
  """
  known, values = keyword_only(function), {}
  for name, value in given.items():
    if name not in known:
      raise errors.UserError(f"no option {name!r}: {errors.nearest(name, known)}")
    default = known[name].default
    if isinstance(default, bool) and not isinstance(value, bool | None):
      raise errors.UserError(f"--{name}={value} is neither true nor false.")
    if value is not None:
      values[name] = (
        value if isinstance(default, bool) else _parser_of(name, default)(str(value))
      )
  return values


def _parser_of(name: str, default: Any) -> Callable[[str], Any]:
  """Text of an option to a value of its default's type.

  What it returns raises UserError if the text is none.
  """

  def whole(text):
    if not re.fullmatch(r"[+-]?\d{1,99}", text):  # Python refuses thousands of digits.
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


def explanations(function: Callable | type) -> dict[str, str]:
  """The `Args:` or `Attributes:` of a docstring: {parameter: explanation}."""
  doc = inspect.getdoc(function) or ""
  section = "".join(re.findall(r"(?:Args|Attributes):((?:\n  .*)*)", doc))
  return {
    name: " ".join(text.split())
    for name, text in re.findall(r"^  (\w+): (.*(?:\n    .*)*)", section, re.MULTILINE)
  }


def summary(function: Callable) -> str:
  """The first line of a docstring."""
  return inspect.getdoc(function).splitlines()[0]


def describe(
  functions: Mapping[str, Callable],
  choices: Mapping[str, Sequence[str] | Span] | None = None,
) -> str:
  """Functions and their options, with the values that are known, for a terminal."""
  lines = []
  for name, function in functions.items():
    lines.append(f"{name}: {summary(function)}")
    explained = explanations(function)
    for option, parameter in keyword_only(function).items():
      line = f"  --{option}={parameter.default!r}  {explained.get(option, '')}"
      known = (choices or {}).get(option)
      lines.append(f"{line} {known_values(known)}" if known else line)
  return "\n".join(lines)


def known_values(known: Sequence[str] | Span) -> str:
  """The values of an option that are known, in brackets."""
  if isinstance(known, Span):
    return f"[{known.low:g} to {known.high:g}]"
  files = ("or an image's file",) if isinstance(known, SeveralOrFiles) else ()
  return f"[{', '.join((*known, *files))}]"


def write(text: str) -> None:
  """Writes a verb's answer to standard output; everything else is a log line."""
  sys.stdout.write(errors.printable(text) + "\n")


def call(function: Callable, *args: Any, **known: Any) -> Any:
  """Calls a function with those of the known options that it takes."""
  return function(
    *args,
    **{name: value for name, value in known.items() if name in keyword_only(function)},
  )
