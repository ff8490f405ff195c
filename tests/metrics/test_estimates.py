"""Intervals by hand."""

import numpy as np
import pytest

from jaxgan.metrics import estimates


def test_mean_by_hand():
  # Deviations -2, 0, 2: variance 4, of the mean 4 / 3.
  got = estimates.mean(np.array([1, 3, 5]))
  assert got == (3, pytest.approx(1.96 * np.sqrt(4 / 3)))
  assert estimates.mean(np.array([7.0])) == (7, 0)


def test_independent_samples_add_their_variances():
  got = estimates.from_influences(9, np.array([0, 2]), np.array([5, 5, 8]))
  assert got == (9, pytest.approx(1.96 * np.sqrt(2 / 2 + 3 / 3)))
  assert dict(estimates.named("kid", got)) == {
    "kid": 9,
    "kid_interval": pytest.approx(1.96 * np.sqrt(2)),
  }


@pytest.mark.parametrize("alike", (0.0, 0.5, 1.0))
@pytest.mark.parametrize(("num", "least"), ((10, 0.86), (50, 0.92)))
def test_the_interval_of_a_ring_holds_the_truth(num, least, alike):
  """Of pairs' distances, whose mean is the sum of their samples' parts: 0."""
  random = np.random.default_rng(0)
  parts = random.normal(size=(2000, num)) * alike
  values = parts + np.roll(parts, -1, axis=1) + random.normal(size=(2000, num))
  found = [estimates.ring_mean(row) for row in values]
  covered = np.mean([abs(mean) <= interval for mean, interval in found])
  assert least < covered < 0.98
  spread = np.std([mean for mean, _ in found])
  widths = np.sqrt(np.mean([(interval / 1.96) ** 2 for _, interval in found]))
  assert 0.97 * spread < widths < 1.25 * spread


def test_the_smallest_ring():
  assert estimates.ring_mean(np.array([1.0, 1, 1, 5])).interval > 0
  with pytest.raises(ValueError, match="3 values"):
    estimates.ring_mean(np.arange(3))
