"""Numbers with their spread: what a value would vary by, had other images been drawn.

Values that are smooth functions of a sample vary, to first order, as the mean of the
images' influences on them (the infinitesimal jackknife; Efron, 1982). So one pass gives
the spread, without resampling. Where a distance is near 0 it is up to one and a half
times too wide. It says nothing of bias, nor of another training run.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

_NORMAL = 1.96  # Standard errors in half of a 95 % interval.


class Estimate(NamedTuple):
  """A value, and half the width of its 95 % interval."""

  value: float
  interval: float


def from_influences(value: float, *influences: np.ndarray) -> Estimate:
  """A value of independent samples, by the influence of each image on it.

  Args:
    value: see above.
    influences: of each sample's images, [n], up to a constant: the value's derivative
      by the image's share of its sample. n is at least 2.
  """
  variance = sum(np.var(x, ddof=1) / len(x) for x in influences)
  return Estimate(float(value), float(_NORMAL * np.sqrt(variance)))


def mean(values: np.ndarray) -> Estimate:
  """The mean of independent values [n]; of a single one the interval is 0."""
  values = np.asarray(values, np.float64)
  return from_influences(values.mean(), *([values] if len(values) > 1 else []))


def named(name: str, estimate: Estimate) -> Iterator[tuple[str, float]]:
  """Yields the value under a name, and its interval under "<name>_interval"."""
  yield name, estimate.value
  yield f"{name}_interval", estimate.interval
