"""The photograph whose content is kept."""

import numpy as np
from PIL import Image

from jaxgan.errors import UserError
from jaxgan.experiments.shared import styles
from jaxgan.images import examples, reader

PHOTOGRAPH = "astronaut"  # Of those that are shipped.


def load(path: str, longest: int) -> np.ndarray:
  """The photograph, uint8 [h, w, 3].

  Args:
    path: a file; "" takes a photograph that is shipped.
    longest: pixels of the longer side, to which a larger one is reduced.

  Raises:
    UserError: it cannot be read, or is too small for VGG16.
  """
  try:
    image = reader.read(
      path or examples.load(PHOTOGRAPH), channels=3, enough=2 * longest
    )
  except Exception as error:  # Damaged files make Pillow raise nearly anything.
    raise UserError(
      f"config.data.content = {path!r} is no usable image ({error}): "
      "give a file such as a JPEG or PNG."
    ) from error
  scale = min(1.0, longest / max(image.size))
  size = [round(side * scale) for side in image.size]
  if min(size) < styles.LEAST:
    raise UserError(
      f"{path or PHOTOGRAPH}: a side would have {min(size)} pixels, less "
      f"than {styles.LEAST}: raise config.data.size."
    )
  return np.asarray(image.resize(size, Image.Resampling.LANCZOS))
