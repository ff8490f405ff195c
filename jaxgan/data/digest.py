"""A digest of sets of images, by which a run notices that they have changed."""

from collections.abc import Sequence
import hashlib
import math

import numpy as np

LOOKED = 512  # Images of a set that are read: all of a small one.


def digest(*sets: Sequence[np.ndarray]) -> str:
  """SHA-256 of the numbers of images and of up to `LOOKED` of each set, evenly spaced.

  One image more or less is always noticed. Of larger sets, an image that was exchanged
  may not be.

  Args:
    *sets: of arrays, such as `packed.Packed.images` or `mixed.Mixed`.
  """
  found = hashlib.sha256()
  for images in sets:
    found.update(f"{len(images)} images\n".encode())
    for i in range(0, len(images), math.ceil(len(images) / LOOKED) or 1):
      image = np.ascontiguousarray(images[i])
      found.update(f"{image.shape}\n".encode())
      found.update(image)
  return found.hexdigest()
