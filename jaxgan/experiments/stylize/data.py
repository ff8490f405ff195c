"""Photographs that a network learns to repaint."""

from absl import logging
import numpy as np

from jaxgan.data import mixed, packed
from jaxgan.images import examples, reader

SHIPPED_CROPS = 16  # Squares of each shipped photograph.


def load(path: str, size: int, crops: int = 0) -> packed.Packed:
  """Photographs as squares of `size` pixels.

  Args:
    path: a folder; "" takes photographs that are shipped.
    size: side in pixels.
    crops: squares cut from each photograph, at random places and scales: they make a
      training set of a few dozen photographs. 0 takes the middle of each.

  Raises:
    UserError: no usable image.
  """
  if path and not crops:
    return packed.load(path, size=(size, size))
  if path:
    photographs = mixed.load(path, least=size)
  else:
    logging.info(
      "no photographs given (data.content): taking crops of %d that are shipped",
      len(examples.PHOTOGRAPHS),
    )
    photographs = [examples.load(name) for name in examples.PHOTOGRAPHS]
  random = np.random.RandomState(0)  # NumPy keeps its numbers the same.
  return packed.Packed(
    np.stack(
      [
        _square(photograph, size, random)
        for photograph in photographs
        for _ in range(crops or SHIPPED_CROPS)
      ]
    )
  )


def spread(photos: packed.Packed, num: int) -> np.ndarray:
  """At most `num` squares, evenly spaced: of different photographs where they can be.

  Args:
    photos: see `load`: squares of a photograph lie together.
    num: of squares.

  Returns:
    uint8 [n, size, size, 3].
  """
  count = min(num, len(photos))
  return np.asarray(photos.images[np.arange(count) * len(photos) // count])


def _square(
  photograph: np.ndarray, size: int, random: np.random.RandomState
) -> np.ndarray:
  """A random square of a photograph, uint8 [size, size, 3].

  Its side is between `size` and the photograph's shorter one.
  """
  shorter = min(photograph.shape[:2])
  side = random.randint(min(size, shorter), shorter + 1)
  top, left = (random.randint(n - side + 1) for n in photograph.shape[:2])
  square = photograph[top : top + side, left : left + side]
  return reader.decode(square, size=(size, size), channels=3)
