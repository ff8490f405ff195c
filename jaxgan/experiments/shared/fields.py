"""Checks of the fields of a config, before any data are read; and their old names."""

from collections.abc import Iterable, Mapping
import functools
import math
import operator
from typing import Any

import ml_collections

from jaxgan.errors import UserError, nearest

MOST = 2**16  # Of a network's widths.


def check_ranges(
  config: ml_collections.ConfigDict, ranges: Mapping[str, tuple[float, float]]
) -> None:
  """Raises UserError for a number outside its range.

  Args:
    config: of the run.
    ranges: (least, most) of each field, such as {"loss.r1": (0, math.inf)}.
  """
  for name, (least, most) in ranges.items():
    value = _value(config, name)
    if not least <= value <= most:
      wanted = f"{least} or more" if most == math.inf else f"from {least} to {most}"
      raise UserError(f"config.{name} = {value} must be {wanted}.")


def check_choices(
  config: ml_collections.ConfigDict, choices: Mapping[str, Iterable[str]]
) -> None:
  """Raises UserError for a name that is none of those known.

  Args:
    config: of the run.
    choices: the names that each field may hold, such as {"network": ("dcgan", "mlp")}.
  """
  for name, known in choices.items():
    value = _value(config, name)
    if value not in known:
      hint = nearest(str(value), map(str, known))
      raise UserError(f"config.{name} = {value!r} is not known: {hint}")


def renamed(
  config: ml_collections.ConfigDict, names: Mapping[str, str]
) -> list[tuple[str, str]]:
  """(old, new) names of those fields of an earlier version that a config has.

  Args:
    config: of a run.
    names: see `experiments.Extras.RENAMED`.
  """

  def has(name: str) -> bool:
    *groups, last = name.split(".")
    group = config
    for part in groups:
      group = group.get(part) if isinstance(group, ml_collections.ConfigDict) else None
    return isinstance(group, ml_collections.ConfigDict) and last in group

  return [(old, new) for old, new in names.items() if has(old)]


def _value(config: ml_collections.ConfigDict, name: str) -> Any:
  return functools.reduce(operator.getitem, name.split("."), config)
