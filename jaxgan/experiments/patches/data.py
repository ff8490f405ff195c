"""The image, its scales, and the sizes of samples at every scale."""

import ml_collections
import numpy as np

from jaxgan.errors import UserError
from jaxgan.experiments.shared import resizing
from jaxgan.images import examples, pixels, reader

Size = resizing.Size


def load(config: ml_collections.ConfigDict) -> np.ndarray:
  """The image that `config.image` names, uint8 [h, w, c].

  Raises:
    UserError: it cannot be read, or is too small.
  """
  source = config.image or examples.SINGLE
  image = reader.load(source)
  size = resizing.finest(image.shape[:2], config.max_size).size
  if min(size) < 2 * config.patch:
    raise UserError(
      f"{source}: the image is {size[1]}x{size[0]} pixels at the finest scale, and its "
      f"shorter side less than two patches, {2 * config.patch}: take a larger image, "
      "raise config.max_size or lower config.patch."
    )
  return pixels.to_uint8(resizing.imresize(pixels.to_floats(image), size))


def count_scales(length: int, least: int) -> int:
  """How many scales there are: halvings until a side is at most `least`, and one."""
  return 1 + (-(-length // least) - 1).bit_length()


def sizes(size: Size, count: int, least: int) -> tuple[Size, ...]:
  """Sizes of all scales from the coarsest: halves, rounded up.

  Args:
    size: of the finest.
    count: of scales.
    least: pixels that the shorter side of the coarsest is raised to.
  """
  result = [tuple(-(-side // 2**i) for side in size) for i in range(count)]
  if count > 1 and min(result[-1]) < least:
    result[-1] = tuple(
      min(-(-side * least // min(size)), finer)
      for side, finer in zip(size, result[-2], strict=True)
    )
  return tuple(result[::-1])
