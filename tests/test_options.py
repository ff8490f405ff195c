"""Options of functions: from signatures and docstrings, and the values they take."""

import re

import pytest

from jaxgan import errors, options


def test_options_come_from_signatures_and_docstrings():
  def task(run, *, num: int = 3, fast: bool = True, name: str = "x"):
    """Does it.

    Args:
      run: a run.
      num: how many; at most
        five.
      fast: whether to hurry.

    Returns:
      nothing: at all.
    """

  assert options.explanations(task) == {
    "run": "a run.",
    "num": "how many; at most five.",
    "fast": "whether to hurry.",
  }
  parser = options.Parser()
  options.add_function(parser, task)
  chosen = vars(parser.parse_args(["--num=5", "--no-fast"]))
  assert chosen == {"num": 5, "fast": False, "name": "x"}
  for arguments, told in (
    (["--num=many"], "--num=many is not a whole number."),
    (["--num=1.5"], "--num=1.5 is not a whole number."),
    (["--num=-1"], "--num=-1 must not be negative."),
  ):
    with pytest.raises(errors.UserError, match=f"^{re.escape(told)}$"):
      parser.parse_args(arguments)


def test_of_several_functions_only_what_all_take_alike_is_an_option():
  def one(run, *, num: int = 0, size: str = "", combo: bool = True):
    """Does it."""

  def other(run, *, num: int = 5, size: str = "", tile: int = 0):
    """Does it otherwise."""

  parser = options.Parser()
  options.add_function(parser, one, other)
  assert vars(parser.parse_args([])) == {"size": ""}


def test_a_whole_number_may_be_negative_if_its_default_is():
  def task(run, *, stage: int = -1, weight: float = 0.5):
    """Does it."""

  parser = options.Parser()
  options.add_function(parser, task)
  assert parser.parse_args(["--stage=-1", "--weight=-2e-1"]).weight == -0.2
  for argument in ("--stage=-2", "--weight=nan", "--weight=x"):
    with pytest.raises(errors.UserError, match=argument):
      parser.parse_args([argument])


def task(run, output, *, num: int = 3, fast: bool = True, input: str = ""):
  """Does it."""


def test_values_by_name_are_the_command_lines():
  given = {"num": "5", "fast": False, "input": None}
  assert options.parsed(task, given) == {"num": 5, "fast": False}
  assert options.parsed(task, {"num": 7, "input": "--num=3"}) == {
    "num": 7,
    "input": "--num=3",
  }


@pytest.mark.parametrize(
  ("given", "told"),
  [
    ({"input=/etc/hostname": True}, "no option 'input=/etc/hostname'"),
    ({"inputs": "x"}, "did you mean 'input'"),
    ({"output": "x"}, "no option 'output'"),
    ({"no-fast": True}, "no option 'no-fast'"),
    ({"fast": "no"}, "--fast=no is neither true nor false"),
    ({"num": True}, "--num=True is not a whole number"),
    ({"num": "9" * 5000}, "is not a whole number"),
  ],
)
def test_values_by_name_that_are_refused(given, told):
  with pytest.raises(errors.UserError, match=told):
    options.parsed(task, given)
