"""Numbers with their spread: what a value would vary by, had other images been drawn.

Values that are smooth functions of a sample vary, to first order, as the mean of the
images' influences on them (the infinitesimal jackknife; Efron, 1982). So one pass gives
the spread, without resampling. Where a distance is near 0 it is up to one and a half
times too wide. It says nothing of bias, nor of another training run.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

LEAST_RING = 4  # Values of which `ring_mean` can tell how they vary.
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


def ring_mean(values: np.ndarray) -> Estimate:
  """The mean of values that share a sample each with the next, the last with the first.

  The mean's variance is (v + 2 c) / n, with v the values' variance and c the covariance
  of neighbors, which is not negative: it is the variance of what a sample adds to both.
  Around their own mean, three times the mean's variance is missing in v + 2 c, hence
  n - 3 below. Simulated intervals hold the truth 9 times in 10 for n = 10, and 94 times
  in 100 for n = 50, about as those of independent values do.

  Args:
    values: [n], n at least `LEAST_RING`.

  Raises:
    ValueError: for fewer.
  """
  if len(values) < LEAST_RING:
    raise ValueError(f"{len(values)} values in a ring: give {LEAST_RING} or more.")
  apart = values - values.mean()
  shared = max(np.mean(apart * np.roll(apart, 1)), 0.0)
  variance = (np.mean(apart**2) + 2 * shared) / (len(values) - 3)
  return Estimate(float(values.mean()), float(_NORMAL * np.sqrt(variance)))


def named(name: str, estimate: Estimate) -> Iterator[tuple[str, float]]:
  """Yields the value under a name, and its interval under "<name>_interval"."""
  yield name, estimate.value
  yield f"{name}_interval", estimate.interval
