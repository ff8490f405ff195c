"""Photographs that a network learns to repaint."""

from absl import logging
import ml_collections
import numpy as np

from jaxgan.data import packed
from jaxgan.errors import UserError
from jaxgan.images import examples, reader
from jaxgan.nets import stylizer

PARTS = 4  # Pieces of a shipped photograph a side, overlapping by half.


def load(config: ml_collections.ConfigDict) -> packed.Packed:
  """The content images of `config.data`, as squares of its size.

  Raises:
    UserError: for a size that the network cannot take, or no usable image.
  """
  size = config.data.size
  if size < stylizer.MULTIPLE or size % stylizer.MULTIPLE:
    raise UserError(
      f"config.data.size = {size} must be a multiple of {stylizer.MULTIPLE}."
    )
  if config.data.content:
    return packed.load(config.data.content, size=(size, size))
  logging.info(
    "no content given (data.content): taking pieces of %d photographs that are shipped",
    len(examples.PHOTOGRAPHS),
  )
  return packed.Packed(
    np.stack(
      [
        piece
        for name in examples.PHOTOGRAPHS
        for piece in _pieces(examples.load(name), size)
      ]
    )
  )


def _pieces(photograph: np.ndarray, size: int) -> list[np.ndarray]:
  """The whole photograph and a grid of its parts, uint8 [size, size, 3] each."""
  h, w = photograph.shape[:2]
  side = min(h, w) // 2
  corners = [
    (top, left)
    for top in np.linspace(0, h - side, PARTS).astype(int)
    for left in np.linspace(0, w - side, PARTS).astype(int)
  ]
  parts = [
    photograph,
    *(photograph[top : top + side, left : left + side] for top, left in corners),
  ]
  return [reader.decode(part, size=(size, size), channels=3) for part in parts]
