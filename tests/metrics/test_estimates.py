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
