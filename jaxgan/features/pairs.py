"""Measures of pairs of images, run batch by batch."""

from collections.abc import Callable

import jax
import numpy as np

_BATCH = 16


def distances(
  measure: Callable[[jax.Array, jax.Array], jax.Array], a: np.ndarray, b: np.ndarray
) -> np.ndarray:
  """A measure of each of n pairs: float32 [n].

  Args:
    measure: compiled; of two batches uint8 [16, h, w, 3], gives [16].
    a: uint8 [n, h, w, 3], n at least 1, sides of 16 at least.
    b: of the same shape.

  Raises:
    ValueError: other shapes.
  """
  if a.shape != b.shape:
    raise ValueError(f"images {a.shape} and {b.shape} are not pairs")
  found = []
  for start in range(0, len(a), _BATCH):
    pair = [np.asarray(x[start : start + _BATCH]) for x in (a, b)]
    missing = _BATCH - len(pair[0])  # Padded, so that one program serves all batches.
    pair = [np.pad(x, ((0, missing), (0, 0), (0, 0), (0, 0))) for x in pair]
    found.append(np.asarray(measure(*pair))[: _BATCH - missing])
  return np.concatenate(found)
