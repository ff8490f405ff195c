"""Sliced Wasserstein distance of two sets of vectors."""

import numpy as np

from jaxgan.metrics import estimates

_BLOCK = 32  # Projections that are sorted at once.


def distance(
  a: np.ndarray, b: np.ndarray, *, num_projections: int = 256, seed: int = 0
) -> estimates.Estimate:
  """The root of the mean squared 2-Wasserstein distance of random projections.

  Bonneel et al., 2015. It looks at all of the distributions, not at two moments, and a
  few thousand vectors are enough, whatever their dimension. Falls to 0 as the
  distributions come to agree, but not quite: of finite samples it is biased upward.

  Args:
    a: [n, d], n at least 2.
    b: [m, d], m at least 2.
    num_projections: directions, the same for all sets of an equal d and seed.
    seed: of the directions.

  Returns:
    The distance, in the vectors' unit. Its interval is that of del Barrio and Loubes,
    2019, for sets that differ.

  Raises:
    ValueError: for other shapes.
  """
  a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
  if (
    a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(map(len, (a, b))) < 2
  ):
    raise ValueError(f"expected two or more vectors in each of {a.shape}, {b.shape}")
  directions = np.random.default_rng(seed).normal(size=(num_projections, a.shape[1]))
  directions /= np.linalg.norm(directions, axis=1, keepdims=True)
  square, influences = 0.0, (np.zeros(len(a)), np.zeros(len(b)))
  for start in range(0, num_projections, _BLOCK):
    block = directions[start : start + _BLOCK]
    squares, potentials = _transport(block @ a.T, block @ b.T)
    square += squares.sum() / num_projections
    for total, potential in zip(influences, potentials, strict=True):
      total += potential.sum(0) / num_projections
  root = float(np.sqrt(square))
  # The derivative of the root; at 0, where it has none, the interval is 0 as well.
  scale = 0.5 / root if root else 0.0
  return estimates.from_influences(root, *(scale * x for x in influences))


def _transport(
  a: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
  """Squared distances [k] of numbers [k, n] and [k, m], and their potentials.

  A potential [k, n] is the derivative of the squared distance by a number's share of
  its set (Kantorovich): its slope is twice the way that the number is carried.
  """
  n, m = a.shape[1], b.shape[1]
  # Mass goes from rank to rank in steps, at whose ends a rank of either set is full.
  ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
  mass = np.diff(ends, prepend=0) / (n * m)
  ranks = (ends - 1) // m, (ends - 1) // n
  orders = np.argsort(a), np.argsort(b)
  ordered = [
    np.take_along_axis(x, order, 1) for x, order in zip((a, b), orders, strict=True)
  ]
  ways = ordered[0][:, ranks[0]] - ordered[1][:, ranks[1]]
  potentials = []
  for x, order, rank, sign in zip(ordered, orders, ranks, (1, -1), strict=True):
    starts = np.flatnonzero(np.diff(rank, prepend=-1))
    way = np.add.reduceat(sign * ways * mass, starts, axis=1) * x.shape[1]
    steps = (way[:, 1:] + way[:, :-1]) * np.diff(x)
    potential = np.zeros_like(x)
    np.put_along_axis(potential, order[:, 1:], np.cumsum(steps, axis=1), 1)
    potentials.append(potential)
  return (ways**2 * mass).sum(1), tuple(potentials)
