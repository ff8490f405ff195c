"""How much of an image's content its translation has kept."""

from collections.abc import Iterator

import numpy as np

from jaxgan.features import lpips
from jaxgan.images import color

_BLOCK = 64


def compare(before: np.ndarray, after: np.ndarray) -> Iterator[tuple[str, float]]:
  """Yields lpips_vgg16 (0: alike), edge_correlation (1: the same edges), color_shift.

  The last is the mean distance of the images' mean colors, from 0 to 441.

  Args:
    before: uint8 [n, h, w, 3].
    after: of the same shape, image by image made from `before`.

  Raises:
    ValueError: other shapes.
  """
  if before.shape != after.shape:
    raise ValueError(f"images {before.shape} became {after.shape}")
  yield "lpips_vgg16", float(lpips.distances(before, after).mean())
  yield "edge_correlation", float(edge_correlations(before, after).mean())
  shift = before.mean((1, 2), dtype=np.float64) - after.mean((1, 2), dtype=np.float64)
  yield "color_shift", float(np.linalg.norm(shift, axis=-1).mean())


def edge_correlations(before: np.ndarray, after: np.ndarray) -> np.ndarray:
  """Correlation [n] of the edges of pairs of images; 0 where an image is flat.

  Edges are gradient magnitudes of luma, and the correlation is Pearson's.

  Args:
    before: uint8 [n, h, w, 3].
    after: of the same shape.
  """
  blocks = []
  for start in range(0, len(before), _BLOCK):
    a, b = (_edges(x[start : start + _BLOCK]) for x in (before, after))
    scale = np.sqrt((a**2).mean((1, 2)) * (b**2).mean((1, 2)))
    blocks.append((a * b).mean((1, 2)) / np.maximum(scale, 1e-9))
  return np.concatenate(blocks)


def _edges(images: np.ndarray) -> np.ndarray:
  """Magnitudes of luma's gradient minus their mean: [n, h - 2, w - 2]."""
  luma = color.luma(images.astype(np.float64))
  down = luma[:, 2:, 1:-1] - luma[:, :-2, 1:-1]
  right = luma[:, 1:-1, 2:] - luma[:, 1:-1, :-2]
  size = np.hypot(down, right)
  return size - size.mean((1, 2), keepdims=True)
