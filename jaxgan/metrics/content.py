"""How much of an image's content its translation has kept."""

from collections.abc import Iterator

import numpy as np

from jaxgan.features import dists, lpips
from jaxgan.images import color
from jaxgan.metrics import estimates

_BLOCK = 64


def compare(
  before: np.ndarray, after: np.ndarray, *, thorough: bool = True
) -> Iterator[tuple[str, float]]:
  """Yields the means of `measures`, each with its interval."""
  for name, values in measures(before, after, thorough=thorough).items():
    yield from estimates.named(name, estimates.mean(values))


def measures(
  before: np.ndarray, after: np.ndarray, *, thorough: bool = True
) -> dict[str, np.ndarray]:
  """What is left of each image: {name: [n]}.

  lpips_vgg16 is 0 where images are alike, dists where their textures are alike and in
  place; edge_correlation is 1 where edges are the same. color_shift is the distance of
  mean colors, from 0 to 441.

  Args:
    before: uint8 [n, h, w, 3].
    after: of the same shape, image by image made from `before`.
    thorough: with DISTS, which costs as much as LPIPS.

  Raises:
    ValueError: other shapes.
  """
  if before.shape != after.shape:
    raise ValueError(f"images {before.shape} became {after.shape}")
  shift = before.mean((1, 2), dtype=np.float64) - after.mean((1, 2), dtype=np.float64)
  return {
    "lpips_vgg16": lpips.distances(before, after),
    **({"dists": dists.distances(before, after)} if thorough else {}),
    "edge_correlation": edge_correlations(before, after),
    "color_shift": np.linalg.norm(shift, axis=-1),
  }


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
