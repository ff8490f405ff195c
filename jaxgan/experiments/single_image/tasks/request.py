"""What tasks are asked for: the image to work on, its size, its mask."""

from collections.abc import Iterator, Sequence

import numpy as np

from jaxgan.experiments.shared import arguments, resizing
from jaxgan.experiments.single_image.inference import Restored, Size
from jaxgan.images import masks, pixels, reader

PIXELS_AT_ONCE = 2**19  # Of images made together: some 130 MB for each layer.
SAME_ASPECT = 0.03  # By how much it may differ and still be scaled to fit.


def fitting_sizes(source: Restored, shape: Sequence[int]) -> tuple[Size, ...]:
  """Sizes of all stages for an image [h, w, ...].

  As trained if it has the training image's aspect. Else its own aspect, at as many
  pixels, since stretching would distort it.
  """
  height, width = source.sizes[-1]
  aspect = shape[0] * width / (shape[1] * height)
  if abs(aspect - 1) <= SAME_ASPECT:
    return source.sizes
  scale = (height * width / (shape[0] * shape[1])) ** 0.5
  return source.sized((round(shape[0] * scale), round(shape[1] * scale)))


def read_image(source: Restored, path: str) -> np.ndarray:
  """A user's image float32 [h, w, c] in [-1, 1], with the channels of the run's.

  Raises:
    UserError: if none is named, or it cannot be read.
  """
  arguments.check_input(path)
  return pixels.to_floats(reader.load(path, channels=source.channels))


def resized(image: np.ndarray, size: Size) -> np.ndarray:
  """An image [h, w, c] in [-1, 1] at another size, antialiased."""
  return image if image.shape[:2] == tuple(size) else resizing.imresize(image, size)


def soft_mask(path: str, size: Size, kind: str) -> np.ndarray:
  """A mask float32 [h, w] in [0, 1]; 1 everywhere if there is none.

  Args:
    path: "" for none.
    size: of the result.
    kind: one of `masks.RADII`, which says how far it grows.
  """
  if not path:
    return np.ones(size, np.float32)
  return masks.load(path, size, kind)


def batches(num: int, size: Size) -> Iterator[tuple[int, int]]:
  """(number of the first, count) of images of a size that are made together."""
  at_once = max(1, PIXELS_AT_ONCE // (size[0] * size[1]))
  for first in range(0, num, at_once):
    yield first, min(at_once, num - first)
