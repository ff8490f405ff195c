"""Bytes as the numbers that networks take and give, and back.

Both work on arrays of NumPy and of JAX, also within compiled programs, and give the
same kind.
"""

from typing import TypeVar

import numpy as np

Array = TypeVar("Array")


def to_floats(images: Array, low: float = -1.0) -> Array:
  """Images in [0, 255], such as uint8, to float32 in [low, 1]."""
  return images.astype(np.float32) / (255 / (1 - low)) + low


def to_uint8(images: Array, low: float = -1.0) -> Array:
  """Images in [low, 1] to uint8 in [0, 255], rounded; values beyond are clipped."""
  levels = (images.astype(np.float32) - low) * (255 / (1 - low))
  return levels.round().clip(0, 255).astype(np.uint8)
