"""Distances between two sets of feature vectors, in float64 NumPy.

Every set is an array [n, d] of any features, one row an image. Pairwise distances are
computed block by block, so that 10,000 against 10,000 rows take tens of megabytes, not
gigabytes.
"""

from collections.abc import Iterator

import numpy as np

from jaxgan.metrics import estimates

_BLOCK = 256  # Rows of one block of distances: 20 MB of float64 against 10,000.


def frechet_distance(a: np.ndarray, b: np.ndarray) -> estimates.Estimate:
  """Squared Frechet distance of Gaussians fitted to two sets (Heusel et al., 2017).

  Its bias grows as the sets shrink, and is often larger than the interval: compare only
  numbers of equal set sizes.

  Args:
    a: features [n, d], n at least 2.
    b: features [m, d], m at least 2.

  Returns:
    The distance, at least 0.
  """
  return estimates.from_influences(*frechet_influences(a, b))


def frechet_influences(
  a: np.ndarray, b: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
  """`frechet_distance`'s value, and each row's influence on it ([n], [m])."""
  a, b = _pair(a, b, rows=2)
  (mean_a, cov_a), (mean_b, cov_b) = moments(a), moments(b)
  distance = frechet_from_moments(mean_a, cov_a, mean_b, cov_b)
  there, back = _transports(cov_a, cov_b)

  def influences(x, transport, difference):
    # The derivatives by the mean and by the covariance, which is I - transport.
    return 2 * x @ difference + (x * (x - x @ transport)).sum(1)

  difference = mean_a - mean_b
  return (
    distance,
    influences(a - mean_a, there, difference),
    influences(b - mean_b, back, -difference),
  )


def _transports(cov_a: np.ndarray, cov_b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """The linear maps [d, d] that carry one centered Gaussian to the other, and back."""
  values, vectors = np.linalg.eigh(cov_a)
  root, inverse = _power(values, vectors, 0.5), _power(values, vectors, -0.5)
  values, vectors = np.linalg.eigh(root @ cov_b @ root)
  there = inverse @ _power(values, vectors, 0.5) @ inverse
  return there, root @ _power(values, vectors, -0.5) @ root


def _power(values: np.ndarray, vectors: np.ndarray, power: float) -> np.ndarray:
  """A power of a symmetric matrix, where it is not singular."""
  kept = values > 1e-10 * values.max()
  return vectors * np.where(kept, np.where(kept, values, 1) ** power, 0) @ vectors.T


def moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Mean [d] and unbiased covariance [d, d] of features [n, d], n at least 2."""
  features = np.asarray(features, np.float64)
  return features.mean(0), np.atleast_2d(np.cov(features, rowvar=False))


def frechet_from_moments(
  mean_a: np.ndarray, cov_a: np.ndarray, mean_b: np.ndarray, cov_b: np.ndarray
) -> float:
  """|mean_a - mean_b|^2 + tr(A + B - 2 (A B)^1/2) of two Gaussians.

  The trace of (A B)^1/2 is that of (A^1/2 B A^1/2)^1/2, the root of a symmetric
  matrix: unlike a general matrix root it stays real, also for singular covariances.

  Args:
    mean_a: [d]; cov_a: [d, d], symmetric, no negative eigenvalue.
    mean_b: [d]; cov_b: [d, d], likewise.

  Returns:
    The squared distance, at least 0.
  """
  values, vectors = np.linalg.eigh(cov_a)
  root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
  product = np.linalg.eigvalsh(root @ cov_b @ root)
  cross = np.sqrt(np.maximum(product, 0)).sum()
  difference = np.asarray(mean_a) - mean_b
  distance = difference @ difference + np.trace(cov_a) + np.trace(cov_b) - 2 * cross
  return max(float(distance), 0.0)


def kid(
  a: np.ndarray,
  b: np.ndarray,
  *,
  exact_up_to: int = 10_000,
  num_subsets: int = 100,
  subset_size: int = 1000,
  seed: int = 0,
) -> estimates.Estimate:
  """Kernel distance: unbiased MMD^2, kernel (x.y / d + 1)^3 (Binkowski et al., 2018).

  Unbiased at any size, so it may be slightly negative for equal distributions. Not
  multiplied by 1000, as in some papers. The usual mean over 100 subsets of 1000
  estimates the same number as all rows at once; all rows cost no more up to 10,000, and
  their estimate varies less.

  Args:
    a: features [n, d], n at least 2.
    b: features [m, d], m at least 2.
    exact_up_to: largest number of rows for which all pairs are used.
    num_subsets: pairs of random subsets that are averaged for larger sets.
    subset_size: rows of such a subset.
    seed: of the choice of subsets.

  Returns:
    The estimate.
  """
  a, b = _pair(a, b, rows=2)
  if max(len(a), len(b)) <= exact_up_to:
    return _squared_mmd(a, b)
  rng = np.random.default_rng(seed)
  size = min(subset_size, len(a), len(b))
  drawn = [
    _squared_mmd(
      a[rng.choice(len(a), size, replace=False)],
      b[rng.choice(len(b), size, replace=False)],
    ).value
    for _ in range(num_subsets)
  ]
  # A subset's variance is larger than that of all rows by the ratio of their numbers.
  share = np.sqrt(size / min(len(a), len(b)))
  interval = estimates.from_influences(0, np.array(drawn)).interval
  return estimates.Estimate(
    float(np.mean(drawn)), interval * share * np.sqrt(num_subsets)
  )


def _squared_mmd(a: np.ndarray, b: np.ndarray) -> estimates.Estimate:
  def cube(dot):
    base = dot / a.shape[1] + 1
    return base * base * base  # Far faster than NumPy's general power.

  def sums(x, y):
    """Each row's sum of kernels [len(x)], and each column's [len(y)]."""
    rows, columns = [], np.zeros(len(y))
    for start in range(0, len(x), _BLOCK):
      kernels = cube(x[start : start + _BLOCK] @ y.T)
      rows.append(kernels.sum(1))
      columns += kernels.sum(0)
    return np.concatenate(rows), columns

  def mean_of_others(x):
    own = cube((x * x).sum(1))
    return (sums(x, x)[0] - own) / (len(x) - 1)

  own_a, own_b = mean_of_others(a), mean_of_others(b)
  cross_a, cross_b = sums(a, b)
  cross_a, cross_b = cross_a / len(b), cross_b / len(a)
  return estimates.from_influences(
    own_a.mean() + own_b.mean() - 2 * cross_a.mean(),
    2 * (own_a - cross_a),
    2 * (own_b - cross_b),
  )


def precision_recall(
  real: np.ndarray, fake: np.ndarray, *, k: int = 3
) -> tuple[float, float]:
  """Improved precision and recall (Kynkaanniemi et al., 2019).

  Precision is the share of fakes inside the real manifold, the union of balls
  around every real row that reach its k-th nearest neighbor; recall is the share
  of reals inside the fakes' manifold. Best compared at equal set sizes.

  Args:
    real: features [n, d], n greater than k.
    fake: features [m, d], m greater than k.
    k: the neighbor that sets a ball's radius.

  Returns:
    (precision, recall), each in [0, 1].
  """
  real, fake = _pair(real, fake, rows=k + 1)
  real_radii, fake_radii = _radii(real, k), _radii(fake, k)
  precise, recalled = 0, np.zeros(len(real), bool)
  for _, distances in _blocks(fake, real):
    precise += (distances <= real_radii).any(1).sum()
  for rows, distances in _blocks(real, fake):
    recalled[rows] = (distances <= fake_radii).any(1)
  return float(precise / len(fake)), float(recalled.mean())


def density_coverage(
  real: np.ndarray, fake: np.ndarray, *, k: int = 5
) -> tuple[float, float]:
  """Density and coverage (Naeem et al., 2020), more robust to outliers.

  Density is the mean number of real balls that contain a fake, over k: about 1 for
  equal distributions, and more where fakes concentrate in dense regions. Coverage is
  the share of real balls that contain at least one fake.

  Args:
    real: features [n, d], n greater than k.
    fake: features [m, d].
    k: the neighbor that sets a ball's radius.

  Returns:
    (density, at least 0; coverage, in [0, 1]).
  """
  real, fake = _pair(real, fake, rows=1)
  radii = _radii(real, k)
  inside, covered = 0, np.zeros(len(real), bool)
  for _, distances in _blocks(fake, real):
    held = distances <= radii
    inside += held.sum()
    covered |= held.any(0)
  return float(inside / (k * len(fake))), float(covered.mean())


def mean_pairwise_distance(features: np.ndarray) -> float:
  """Mean Euclidean distance of two different rows of [n, d]: falls at mode collapse."""
  features, _ = _pair(features, features, rows=2)
  total = sum(distances.sum() for _, distances in _blocks(features, features))
  return float(total / (len(features) * (len(features) - 1)))


def nearest_neighbor_distance(features: np.ndarray, reference: np.ndarray) -> float:
  """Mean Euclidean distance of the rows of [n, d] to their nearest one of [m, d].

  Of fakes to the training set: well below that of held-out reals means that the
  generator has memorized training images.
  """
  features, reference = _pair(features, reference, rows=1)
  nearest = [distances.min(1) for _, distances in _blocks(features, reference)]
  return float(np.concatenate(nearest).mean())


def _radii(features: np.ndarray, k: int) -> np.ndarray:
  """Distance [n] of every row to its k-th nearest other row."""
  if len(features) <= k:
    raise ValueError(f"the {k}-th neighbor needs more than {k} rows: {features.shape}")
  # The row itself is at distance 0, before its neighbors.
  return np.concatenate(
    [np.partition(d, k, axis=1)[:, k] for _, d in _blocks(features, features)]
  )


def _blocks(a: np.ndarray, b: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
  """Yields (rows, Euclidean distances [len(rows), m]) of a [n, d] to b [m, d]."""
  b_squares = (b * b).sum(1)
  for start in range(0, len(a), _BLOCK):
    rows = slice(start, min(start + _BLOCK, len(a)))
    x = a[rows]
    squares = (x * x).sum(1)[:, None] + b_squares - 2 * x @ b.T
    if a is b:  # The distance of a row to itself, despite rounding.
      squares[np.arange(len(x)), np.arange(rows.start, rows.stop)] = 0
    yield rows, np.sqrt(np.maximum(squares, 0))


def _pair(a: np.ndarray, b: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
  same = a is b
  a = np.asarray(a, np.float64)
  b = a if same else np.asarray(b, np.float64)
  if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
    raise ValueError(
      f"expected features [n, d] and [m, d], not {a.shape} and {b.shape}"
    )
  if min(len(a), len(b)) < rows:
    raise ValueError(f"expected {rows} rows or more, not {a.shape} and {b.shape}")
  return a, b
