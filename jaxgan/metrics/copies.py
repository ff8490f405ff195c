"""What of an image is copied from another: each patch's nearest one, and where it lies.

Images are uint8 [h, w, c].
"""

from typing import NamedTuple

import numpy as np

_BLOCK = 512  # Patches whose distances to a block of others are held at once.


class Matches(NamedTuple):
  """The nearest patches of a real image to those of a fake.

  Attributes:
    distances: roots of the mean squared differences, in [0, 255] [n].
    offsets: how many pixels down and to the right of the fake's the real one lies
      [n, 2].
  """

  distances: np.ndarray
  offsets: np.ndarray

  @property
  def distance(self) -> float:
    """The mean distance.

    At the size of a critic's field of view, small is good: the fake is made of what the
    image shows. At a large part of the image's size, near 0 means that it was copied.
    """
    return float(self.distances.mean())

  def in_place(self, reach: int = 2) -> float:
    """The share of patches whose nearest one lies where they do, give or take `reach`.

    It is 1 for a copy, and for an image of the same size whose parts are elsewhere the
    little that chance leaves.
    """
    return float((abs(self.offsets).max(1) <= reach).mean())

  def moved_as_one(self, reach: int = 1) -> float:
    """The share of patches in the largest piece: with the same offset, give or take.

    It is near 1 for a copy, also for one that is shifted and so has nothing in place.
    """
    places = self.offsets - self.offsets.min(0)
    shape = places.max(0) + 1
    counts = np.bincount(np.ravel_multi_index(places.T, shape), minlength=shape.prod())
    counts = counts.reshape(shape)  # Not a table of pairs: images may be large.
    around = np.lib.stride_tricks.sliding_window_view(
      np.pad(counts, reach), (2 * reach + 1,) * 2
    )
    return float(around[counts > 0].sum((1, 2)).max() / len(places))


def match(
  real: np.ndarray, fake: np.ndarray, *, size: int = 11, stride: int = 0
) -> Matches:
  """Looks for the patches of a fake in a real image.

  Args:
    real: uint8 [h, w, c]; all its patches are candidates.
    fake: uint8 [h', w', c].
    size: side of the square patches in pixels, at most the images' shorter side.
    stride: pixels between the fake's patches; 0 for half of `size`.

  Raises:
    ValueError: if a patch does not fit into the images.
  """
  if not 1 <= size <= min(*real.shape[:2], *fake.shape[:2]):
    raise ValueError(f"patches of {size} do not fit {real.shape} and {fake.shape}.")
  # Around the images' mean, float32 suffices for squared sums.
  center = real.mean()
  step = stride or max(size // 2, 1)
  windows = _windows(fake, size, center)[::step, ::step]
  others = _windows(real, size, center)
  queries = windows.reshape(-1, *windows.shape[2:])
  squares, places = [], []
  for first in range(0, len(queries), _BLOCK):
    block = queries[first : first + _BLOCK].reshape(-1, size * size * real.shape[-1])
    for found, result in zip(_nearest(block, others), (squares, places), strict=True):
      result.append(found)
  found = np.unravel_index(np.concatenate(places), others.shape[:2])
  own = np.unravel_index(np.arange(len(queries)), windows.shape[:2])
  offsets = np.stack(found, 1) - step * np.stack(own, 1)
  means = np.concatenate(squares) / (size * size * real.shape[-1])
  return Matches(np.sqrt(means), offsets)


def _windows(image: np.ndarray, size: int, center: float) -> np.ndarray:
  """A view of all patches [h', w', c, size, size], float32."""
  return np.lib.stride_tricks.sliding_window_view(
    image.astype(np.float32) - np.float32(center), (size, size), axis=(0, 1)
  )


def _nearest(block: np.ndarray, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
  """Squared distance of each row of the block to the nearest window, and its number."""
  squares = (block**2).sum(1)
  best = np.full(len(block), np.inf, np.float32)
  places = np.zeros(len(block), int)
  # Windows overlap in memory until they are rows of a matrix: a few at a time.
  rows = max(1, 2**23 // (windows.shape[1] * block.shape[1]))
  for first in range(0, len(windows), rows):
    others = windows[first : first + rows].reshape(-1, block.shape[1])
    distances = (others**2).sum(1) - 2 * (block @ others.T)
    index = distances.argmin(1)
    found = distances[np.arange(len(block)), index]
    places = np.where(found < best, first * windows.shape[1] + index, places)
    best = np.minimum(best, found)
  return np.maximum(best + squares, 0), places
