"""How visible the joints of a picture made of tiles are."""

from typing import TypeVar

import jax
import numpy as np

Array = TypeVar("Array", np.ndarray, jax.Array)


def seam_ratio(images: Array, tile: int, reach: int = 0) -> Array:
  """Mean step across the joints of tiles over the mean step elsewhere.

  A step is the absolute difference of neighboring pixels. The ratio is taken for
  columns and for rows, and the mean of both returned: 1 means that no joint shows, 2
  that a joint is as strong as two steps. A picture that was not tiled gives about 1.

  Args:
    images: float [n, h, w, c], NumPy's or JAX's, tiled from the top left corner; at
      least one side is larger than a tile.
    tile: side of the tiles in pixels.
    reach: steps so far from a joint count as its own: a line along both sides of the
      joint has its steps beside it, and none across it.

  Returns:
    A scalar of all images together; 0 if no pixels differ.

  Raises:
    ValueError: if there is no joint.
  """
  ratios = [
    _ratio(images if axis == 2 else images.swapaxes(1, 2), tile, reach)
    for axis in (1, 2)
    if images.shape[axis] > tile
  ]
  if not ratios or tile < 2 * reach + 2:
    raise ValueError(
      f"images {images.shape} have no joint of tiles of {tile}, or "
      f"nothing else than steps within {reach} of one."
    )
  return sum(ratios) / len(ratios)


def _ratio(images: Array, tile: int, reach: int) -> Array:
  """Of the joints between columns."""
  steps = abs(images[:, :, 1:] - images[:, :, :-1]).mean((0, 1, 3))  # [w - 1]
  place = np.arange(1, images.shape[2])
  first, last = tile, (images.shape[2] - 1) // tile * tile  # The edges are no joints.
  away = abs((place + tile // 2) % tile - tile // 2)
  joint = (away <= reach) & (place >= first - reach) & (place <= last + reach)
  # Flat images divide by the addend, which is below float32's resolution at 1.
  return steps[joint].mean() / (steps[~joint].mean() + 1e-12)
