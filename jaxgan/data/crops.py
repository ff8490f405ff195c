"""Random windows of images of mixed sizes, as a pure function of seed and step.

They are cut on the host: the images are memory-mapped and may be larger than any
device's memory, and a window costs no more than the rows that it copies. Mirroring and
scaling to [-1, 1] are left to the step.
"""

from collections.abc import Callable

import numpy as np

from jaxgan.data import mixed
from jaxgan.images import color

_LUMA = np.array(color.LUMA, np.float32) / 255  # Of uint8, in [0, 1].


def windows(
  images: mixed.Mixed,
  *,
  batch_size: int,
  side: int,
  seed: int,
  stream: int = 0,
  least_std: float = 0.0,
  retries: int = 10,
) -> Callable[[int, int], np.ndarray]:
  """Makes the function that cuts windows.

  Every image is as likely as any other, and every place in it. There is no state to
  save: a run that resumes at a step reads what it would have read.

  Args:
    images: their sides are at least `side`.
    batch_size: windows a step.
    side: of the windows in pixels.
    seed: of everything.
    stream: sets with one seed and different streams get independent windows.
    least_std: standard deviation of luminance (of [0, 1]) below which a window is flat:
      it is drawn again, from any image.
    retries: how often at most; then the least flat of them is taken.

  Returns:
    f(first_step, count) -> uint8 [count, batch, side, side, 3].

  Raises:
    ValueError: an image is smaller than the window.
  """
  if len(images) < 1 or images.shapes.min() < side:
    raise ValueError(
      f"cannot cut windows of {side} from {len(images)} images of "
      f"at least {images.shapes.min(initial=0)} pixels"
    )

  def window(random):
    image = images[random.randint(len(images))]
    top, left = (random.randint(n - side + 1) for n in image.shape[:2])
    return image[top : top + side, left : left + side]

  def lively(random):
    best, most = None, -1.0
    for _ in range(retries + 1):
      found = window(random)
      std = float((found @ _LUMA).std()) if least_std else 0.0
      if std > most:
        best, most = found, std
      if most >= least_std:
        break
    return best

  def read(first_step, count):
    batch = np.empty((count, batch_size, side, side, 3), np.uint8)
    for i in range(count):
      # NumPy keeps RandomState's numbers the same in every version.
      bits = np.random.MT19937(np.random.SeedSequence((seed, stream, first_step + i)))
      random = np.random.RandomState(bits)
      for j in range(batch_size):
        batch[i, j] = lively(random)
    return batch

  return read
