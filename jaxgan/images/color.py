"""Brightness and saturation of images."""

import numpy as np

LUMA = (0.299, 0.587, 0.114)  # Weights of red, green and blue: ITU-R BT.601.
_BLOCK = 256  # Images turned to float at once.


def luma(images: np.ndarray) -> np.ndarray:
  """Brightness [...] of float images [..., 1 or 3], in their range and type."""
  if images.shape[-1] == 1:
    return images[..., 0]
  return images @ np.array(LUMA, images.dtype)


def adjust_saturation(images: np.ndarray, gain: float) -> np.ndarray:
  """Takes colors away from gray of the same luma (gain > 1), or to it (gain < 1).

  Args:
    images: uint8 [n, h, w, 1 or 3].
    gain: 0 makes gray, 1 changes nothing.

  Returns:
    uint8 images of the same shape.
  """
  adjusted = np.empty(images.shape, np.uint8)
  for start in range(0, len(images), _BLOCK):
    x = np.asarray(images[start : start + _BLOCK], np.float32)
    gray = luma(x)[..., None]
    x = np.clip(gray + gain * (x - gray), 0, 255)
    adjusted[start : start + _BLOCK] = np.rint(x)
  return adjusted
