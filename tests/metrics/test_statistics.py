"""Set statistics against closed forms, hand-worked sets and SciPy."""

import numpy as np
import pytest
import scipy.linalg
import scipy.spatial

from jaxgan.metrics import statistics


def column(*values):
  return np.array(values, np.float32)[:, None]


def random_covariance(rng, d):
  root = rng.normal(size=(d, d))
  return root @ root.T / d


def test_frechet_of_one_dimension():
  # N(0, 1) and N(3, 4): 3^2 + (1 - 2)^2.
  got = statistics.frechet_from_moments([0.0], np.eye(1), [3.0], 4 * np.eye(1))
  assert got == pytest.approx(10)
  # Unbiased variances 2 and 18, means 0 and 3: 9 + (sqrt(18) - sqrt(2))^2 = 9 + 8.
  assert statistics.frechet_distance(
    column(-1, 1), column(0, 6)
  ).value == pytest.approx(17)


def test_frechet_where_covariances_do_not_commute():
  rng = np.random.default_rng(0)
  a, b = random_covariance(rng, 2), random_covariance(rng, 2)
  # For 2x2 matrices, tr(M^1/2) = sqrt(tr(M) + 2 sqrt(det(M))).
  cross = np.sqrt(np.trace(a @ b) + 2 * np.sqrt(np.linalg.det(a @ b)))
  want = 25 + np.trace(a) + np.trace(b) - 2 * cross
  got = statistics.frechet_from_moments([0.0, 0.0], a, [3.0, 4.0], b)
  assert got == pytest.approx(want)


def test_frechet_equals_the_general_matrix_root():
  rng = np.random.default_rng(1)
  a, b = random_covariance(rng, 20), random_covariance(rng, 20)
  means = rng.normal(size=(2, 20))
  want = np.sum((means[0] - means[1]) ** 2) + np.trace(
    a + b - 2 * scipy.linalg.sqrtm(a @ b).real
  )
  got = statistics.frechet_from_moments(means[0], a, means[1], b)
  assert got == pytest.approx(want)
  assert statistics.frechet_from_moments(means[1], b, means[0], a) == pytest.approx(got)


def test_frechet_of_fewer_rows_than_features():
  rng = np.random.default_rng(2)
  a = rng.normal(size=(10, 64))
  assert statistics.frechet_distance(a, a).value == pytest.approx(0, abs=1e-6)
  assert statistics.frechet_distance(a, a + 1).value == pytest.approx(64)


def test_frechet_of_samples_nears_the_closed_form():
  rng = np.random.default_rng(3)
  a, b = rng.normal(size=(20_000, 4)), rng.normal(1, 2, size=(20_000, 4))
  # 4 dimensions of 1 + (2 - 1)^2.
  assert statistics.frechet_distance(a, b).value == pytest.approx(8, rel=0.05)


def test_kid_by_hand():
  # k(1, 2) = 27; k(0, 1) = 1; mean of k(1, 0), k(1, 1), k(2, 0), k(2, 1) = 37 / 4.
  assert statistics.kid(column(1, 2), column(0, 1)).value == pytest.approx(28 - 37 / 2)
  # The kernel divides the product by d = 2: 8 + 1 - 2 (1 + 8 + 1 + 1) / 4.
  a, b = np.array([[1, 1], [0, 2]]), np.array([[0, 0], [2, 0]])
  assert statistics.kid(a, b).value == pytest.approx(3.5)


def test_kid_of_equal_distributions_is_zero_on_average():
  rng = np.random.default_rng(4)
  draws = [statistics.kid(*rng.normal(size=(2, 30, 8))).value for _ in range(300)]
  error = np.std(draws) / np.sqrt(len(draws))
  assert abs(np.mean(draws)) < 3 * error
  assert np.min(draws) < 0 < np.max(draws)


def test_kid_over_subsets():
  rng = np.random.default_rng(5)
  a, b = rng.normal(size=(600, 4)), rng.normal(1, 1, size=(200, 4))
  exact = statistics.kid(a, b)
  subsets = dict(exact_up_to=500, num_subsets=200, subset_size=100)
  got = statistics.kid(a, b, **subsets)
  assert got.value == pytest.approx(exact.value, rel=0.05)
  assert got.interval == pytest.approx(exact.interval, rel=0.3)
  assert got != exact
  assert got == statistics.kid(a, b, **subsets)
  assert got != statistics.kid(a, b, **subsets, seed=1)


@pytest.mark.parametrize("measure", (statistics.kid, statistics.frechet_distance))
@pytest.mark.parametrize("shift", (0.3, 1.0))
def test_intervals_are_those_of_repeated_draws(measure, shift):
  rng = np.random.default_rng(10)
  draws = [
    measure(rng.normal(size=(80, 4)), rng.normal(shift, 1.5, size=(120, 4)))
    for _ in range(300)
  ]
  values, intervals = np.transpose(draws)
  # 300 draws tell a standard deviation within 8 % (two standard errors).
  assert intervals.mean() == pytest.approx(1.96 * values.std(ddof=1), rel=0.15)


def test_interval_of_the_frechet_distance_by_hand():
  """x carries 2 x (difference of means) + x^2 (1 - ratio of deviations)."""
  a, b = column(-1, 1, 3), column(0, 6, 9)
  x, y, ratio = a - a.mean(), b - b.mean(), b.std() / a.std()
  of_a = -8 * x + x**2 * (1 - ratio)  # The means are 1 and 5.
  of_b = 8 * y + y**2 * (1 - 1 / ratio)
  want = 1.96 * np.sqrt(of_a.var(ddof=1) / 3 + of_b.var(ddof=1) / 3)
  assert statistics.frechet_distance(a, b).interval == pytest.approx(want)


# Reals 0, 1, 3 have balls [-1, 1], [0, 2], [1, 5] by their nearest neighbors; the
# fakes [0.7, 2.9], [1.8, 4], [9.5, 10.5], [10, 11].
REAL, FAKE = column(0, 1, 3), column(1.8, 2.9, 10, 10.5)


def test_precision_recall_by_hand():
  precision, recall = statistics.precision_recall(REAL, FAKE, k=1)
  assert precision == pytest.approx(2 / 4)  # 1.8 and 2.9.
  assert recall == pytest.approx(2 / 3)  # 1 and 3.


def test_density_coverage_by_hand():
  density, coverage = statistics.density_coverage(REAL, FAKE, k=1)
  assert density == pytest.approx(3 / 4)  # 1.8 in two balls, 2.9 in one.
  assert coverage == pytest.approx(2 / 3)  # The balls of 1 and 3.


def test_manifold_metrics_of_the_same_and_of_far_sets():
  real = np.random.default_rng(6).normal(size=(600, 8)).astype(np.float32)
  assert statistics.precision_recall(real, real) == (1, 1)
  assert statistics.density_coverage(real, real)[1] == 1
  assert statistics.precision_recall(real, real + 100) == (0, 0)
  assert statistics.density_coverage(real, real + 100) == (0, 0)


def test_collapse_keeps_precision_and_loses_recall():
  rng = np.random.default_rng(7)
  real = rng.normal(size=(500, 4))
  fake = real[:5].repeat(100, axis=0) + rng.normal(scale=1e-3, size=(500, 4))
  precision, recall = statistics.precision_recall(real, fake)
  assert precision == 1
  assert recall < 0.05


def test_density_of_equal_distributions_is_about_one():
  real, fake = np.random.default_rng(8).normal(size=(2, 2000, 4))
  density, coverage = statistics.density_coverage(real, fake)
  assert density == pytest.approx(1, abs=0.1)
  # Naeem et al., appendix: 1 - 1 / 2^k for equal sizes, here 0.97.
  assert coverage == pytest.approx(1 - 0.5**5, abs=0.02)


def test_distances_over_several_blocks_equal_scipys():
  rng = np.random.default_rng(9)
  a, b = rng.normal(size=(700, 3)), rng.normal(size=(300, 3))
  want = scipy.spatial.distance.pdist(a).mean()
  assert statistics.mean_pairwise_distance(a) == pytest.approx(want)
  want = scipy.spatial.distance.cdist(a, b).min(1).mean()
  assert statistics.nearest_neighbor_distance(a, b) == pytest.approx(want)


def test_distances_by_hand():
  a = np.array([[0, 0], [3, 4], [0, 8]])
  assert statistics.mean_pairwise_distance(a) == pytest.approx((5 + 8 + 5) / 3)
  near = np.array([[0, 1], [0, 2]])  # Distances 1; sqrt(13); 6.
  want = (1 + np.sqrt(13) + 6) / 3
  assert statistics.nearest_neighbor_distance(a, near) == pytest.approx(want)


def test_sets_that_cannot_be_compared_are_refused():
  for a, b in (((5, 3), (5, 4)), ((5,), (5,)), ((1, 3), (5, 3))):
    with pytest.raises(ValueError, match="not"):
      statistics.frechet_distance(np.zeros(a), np.zeros(b))
  with pytest.raises(ValueError, match=r"4 rows or more"):
    statistics.precision_recall(np.zeros((3, 2)), np.zeros((9, 2)))
  with pytest.raises(ValueError, match=r"5-th neighbor"):
    statistics.density_coverage(np.zeros((5, 2)), np.zeros((9, 2)))
