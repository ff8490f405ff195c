"""Functions of images, run batch by batch."""

from collections.abc import Callable

import jax
import numpy as np

# Of a batch: VGG16 needs some 2 kB a pixel on a CPU, and 8 GB for 32 images of 256x256.
_PIXELS = 32 * 128 * 128


def run(
  function: Callable[..., jax.Array],
  *arrays: np.ndarray,
  most: int = 32,
  advance: Callable[[int], object] = lambda count: None,
) -> np.ndarray:
  """A function of n images, or of n pairs: [n, ...].

  Args:
    function: compiled; of batches [b, h, w, c] of each of the arrays, gives [b, ...].
    *arrays: [n, h, w, c] of one shape, n at least 1.
    most: images of a batch; there are fewer of over 128x128 pixels.
    advance: told how many images each batch had.

  Raises:
    ValueError: the arrays have other shapes.
  """
  shapes = {array.shape for array in arrays}
  if len(shapes) > 1:
    raise ValueError(f"images {' and '.join(map(str, shapes))} are not pairs")
  n, h, w, _ = arrays[0].shape
  size = max(min(most, _PIXELS // (h * w)), 1)
  done = []
  for start in range(0, n, size):
    missing = max(start + size - n, 0)  # Padded, so that all batches run one program.
    batch = [
      np.pad(array[start : start + size], ((0, missing), (0, 0), (0, 0), (0, 0)))
      for array in arrays
    ]
    done.append(function(*batch))
    if len(done) > 1:  # One batch late, so that an accelerator need not wait.
      done[-2] = np.asarray(done[-2])
    advance(size - missing)
  return np.concatenate(done)[:n]
