"""How visible the seams of an image made of tiles are."""

from typing import TypeVar

import jax
import numpy as np

Array = TypeVar("Array", np.ndarray, jax.Array)


def seam_ratio(images: Array, tile: int, reach: int = 0) -> Array:
  """Mean step across the seams between tiles over the mean step elsewhere.

  A step is the absolute difference of neighboring pixels. The result is the mean of the
  ratios for columns and for rows: 1 means that no seam shows, 2 that steps across seams
  are twice as large as others. An image that was not tiled gives about 1.

  Args:
    images: float [n, h, w, c], NumPy's or JAX's, tiled from the top left corner; at
      least one side is larger than a tile.
    tile: side of the tiles in pixels.
    reach: steps up to so many pixels from a seam count as steps across it. A line
      drawn along both sides of a seam shows in the steps beside the seam only.

  Returns:
    A scalar of all images together; 0 if no pixels differ.

  Raises:
    ValueError: if there is no seam.
  """
  ratios = [
    _ratio(images if axis == 2 else images.swapaxes(1, 2), tile, reach)
    for axis in (1, 2)
    if images.shape[axis] > tile
  ]
  if not ratios or tile < 2 * reach + 2:
    raise ValueError(
      f"images {images.shape} have no seam of tiles of {tile}, or no "
      f"steps more than {reach} pixels from one."
    )
  return sum(ratios) / len(ratios)


def _ratio(images: Array, tile: int, reach: int) -> Array:
  """The ratio for the seams between columns."""
  steps = abs(images[:, :, 1:] - images[:, :, :-1]).mean((0, 1, 3))  # [w - 1]
  place = np.arange(1, images.shape[2])
  first, last = tile, (images.shape[2] - 1) // tile * tile  # The edges are no seams.
  away = abs((place + tile // 2) % tile - tile // 2)
  seam = (away <= reach) & (place >= first - reach) & (place <= last + reach)
  # The addend, which changes no number near 1, keeps flat images from dividing by 0.
  return steps[seam].mean() / (steps[~seam].mean() + 1e-12)


def wrap_ratio(images: Array) -> Array:
  """Mean step from one border to the other over the mean step elsewhere.

  Of textures that are laid in tiles: the mean of the ratios for columns and for rows; 1
  means that no seam shows.

  Args:
    images: float [n, h, w, c], NumPy's or JAX's.
  """
  rows = images.swapaxes(1, 2)
  return sum(_wrap_ratio(x) for x in (images, rows)) / 2


def _wrap_ratio(images: Array) -> Array:
  """The ratio for the seam between the last column and the first."""
  across = abs(images[:, :, 0] - images[:, :, -1]).mean()
  return across / (abs(images[:, :, 1:] - images[:, :, :-1]).mean() + 1e-12)
