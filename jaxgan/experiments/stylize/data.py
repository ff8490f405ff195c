"""Photographs that a network learns to repaint."""

from absl import logging
import numpy as np

from jaxgan.data import packed
from jaxgan.images import examples, reader

CROPS = 4  # Crops of a shipped photograph a side, overlapping.


def load(path: str, size: int) -> packed.Packed:
  """Photographs as squares of `size` pixels.

  Args:
    path: a folder; "" takes crops of photographs that are shipped.
    size: side in pixels.

  Raises:
    UserError: no usable image.
  """
  if path:
    return packed.load(path, size=(size, size))
  logging.info(
    "no photographs given (data.content): taking crops of %d that are shipped",
    len(examples.PHOTOGRAPHS),
  )
  return packed.Packed(
    np.stack(
      [
        crop
        for name in examples.PHOTOGRAPHS
        for crop in _crops(examples.load(name), size)
      ]
    )
  )


def _crops(photograph: np.ndarray, size: int) -> list[np.ndarray]:
  """The whole photograph and a grid of its crops, uint8 [size, size, 3] each."""
  h, w = photograph.shape[:2]
  side = min(h, w) // 2
  corners = [
    (top, left)
    for top in np.linspace(0, h - side, CROPS).astype(int)
    for left in np.linspace(0, w - side, CROPS).astype(int)
  ]
  crops = [
    photograph,
    *(photograph[top : top + side, left : left + side] for top, left in corners),
  ]
  return [reader.decode(crop, size=(size, size), channels=3) for crop in crops]
