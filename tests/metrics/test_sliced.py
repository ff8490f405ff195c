"""Sliced Wasserstein distance by hand, against SciPy's optimal assignment."""

import numpy as np
import pytest
import scipy.optimize

from jaxgan.metrics import sliced


def column(*values):
  return np.array(values, np.float32)[:, None]


def test_numbers_by_hand():
  # One dimension has one direction. 0 to 1, 1 to 1, 5 to 2: (1 + 0 + 9) / 3.
  got = sliced.distance(column(1, 5, 0), column(2, 1, 1), num_projections=3)
  assert got.value == pytest.approx(np.sqrt(10 / 3))
  # Both 0 go to 0, and both 4 to 3: (0 + 0 + 1 + 1) / 4.
  got = sliced.distance(column(0, 0, 4, 4), column(0, 3))
  assert got.value == pytest.approx(np.sqrt(2 / 4))
  # Ranks that do not meet: 0 to 0 (2/6), 0 to 6 (1/6), 6 to 6 (1/6), 6 to 6 (2/6).
  got = sliced.distance(column(0, 6), column(0, 6, 6))
  assert got.value == pytest.approx(np.sqrt(36 / 6))
  assert sliced.distance(column(1, 2), column(2, 1)) == (0, 0)


def test_a_projection_is_an_optimal_assignment():
  rng = np.random.default_rng(0)
  a, b = rng.normal(size=(20, 3)), rng.normal(1, 2, size=(20, 3))
  got = sliced.distance(a, b, num_projections=5, seed=7)
  directions = np.random.default_rng(7).normal(size=(5, 3))
  directions /= np.linalg.norm(directions, axis=1, keepdims=True)
  squares = []
  for direction in directions:
    costs = np.subtract.outer(a @ direction, b @ direction) ** 2
    squares.append(costs[scipy.optimize.linear_sum_assignment(costs)].mean())
  assert got.value == pytest.approx(np.sqrt(np.mean(squares)))


def test_many_projections_near_the_closed_form():
  # A shift v in d dimensions is v / sqrt(d) on average; a scale stays itself.
  x = np.random.default_rng(1).normal(size=(500, 4))
  shift = np.array([0, 3.0, 0, 0])
  got = sliced.distance(x, x + shift, num_projections=4000)
  assert got.value == pytest.approx(3 / 2, rel=0.03)
  assert sliced.distance(x, x + shift).value != got.value
  assert sliced.distance(x, 3 * x) == sliced.distance(x, 3 * x)


@pytest.mark.parametrize("sizes", ((60, 60), (50, 80)))
def test_interval_is_that_of_repeated_draws(sizes):
  rng = np.random.default_rng(2)
  draws = [
    sliced.distance(
      rng.normal(size=(sizes[0], 3)),
      rng.normal(1, 1.5, size=(sizes[1], 3)),
      num_projections=16,
    )
    for _ in range(300)
  ]
  values, intervals = np.transpose(draws)
  # 300 draws tell a standard deviation within 8 % (two standard errors).
  assert intervals.mean() == pytest.approx(1.96 * values.std(ddof=1), rel=0.15)


def test_what_are_no_two_sets_is_refused():
  for a, b in (((3, 2), (3, 3)), ((1, 2), (3, 2)), ((3,), (3,))):
    with pytest.raises(ValueError, match="two or more vectors"):
      sliced.distance(np.zeros(a), np.zeros(b))
