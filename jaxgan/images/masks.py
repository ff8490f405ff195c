"""Masks that say where an image is to change: read, widened, softened, applied.

As SinGAN and ConSinGAN do it (dilation by a disk, then a blur of sigma 5), except that
a pixel belongs to the mask from half white on, not from 1 of 255, so that what JPEG
leaves around a mask's edge does not count.
"""

import os

import numpy as np
from PIL import Image

from jaxgan.errors import UserError
from jaxgan.images import reader

# Pixels of images whose longest side is SIDE, the published programs' default; in
# smaller ones so many would leave nothing of the image as it was.
RADII = {"harmonization": 7, "editing": 20}  # That a mask grows by.
SIGMA = 5.0  # Of the blur.
SIDE = 250


def read(path: str | os.PathLike, size: tuple[int, int]) -> np.ndarray:
  """A mask file as bool [h, w]: where it is at least half white.

  Args:
    path: an image of any format; colors count by their brightness.
    size: (height, width) of the image it belongs to; a mask of another size is
      resized, its sides each by its own factor.

  Raises:
    UserError: if the file cannot be read as an image.
  """
  pixels = reader.load(path)
  bright = pixels[..., :3].mean(-1, dtype=np.float32)
  if pixels.shape[-1] == 4:  # What is transparent is not painted.
    bright *= pixels[..., 3]
    bright /= 255
  gray = Image.fromarray(np.rint(bright).astype(np.uint8))
  if gray.size != size[::-1]:
    gray = gray.resize(size[::-1], Image.Resampling.BILINEAR)
  return np.asarray(gray) >= 128


def soften(mask: np.ndarray, *, radius: float, sigma: float = SIGMA) -> np.ndarray:
  """Widens a mask by a disk, blurs it and stretches it to [0, 1].

  A mask that is on or off everywhere, or becomes so by widening, stays so.

  Args:
    mask: bool [h, w].
    radius: of the disk in pixels; see `RADII`.
    sigma: of the Gaussian blur, in pixels.

  Returns:
    float32 [h, w], 1 where the image changes altogether.
  """
  from scipy import ndimage  # Imports slowly, and few tasks need it.

  # Grown by a disk is within its radius; the transform costs the same for any radius.
  wide = ndimage.distance_transform_edt(~mask) <= radius if mask.any() else mask
  if wide.all() or not wide.any():
    return wide.astype(np.float32)
  # scikit-image's gaussian, which the published programs call, repeats the border.
  soft = ndimage.gaussian_filter(wide.astype(np.float64), sigma, mode="nearest")
  low, high = soft.min(), soft.max()
  return ((soft - low) / (high - low)).astype(np.float32)


def load(path: str | os.PathLike, size: tuple[int, int], kind: str) -> np.ndarray:
  """`read`, then `soften` in proportion to the size: float32 [h, w] in [0, 1].

  Args:
    path: see `read`.
    size: see `read`.
    kind: of `RADII`.

  Raises:
    UserError: if the file cannot be read, or is black all over.
  """
  mask = read(path, size)
  if not mask.any():
    raise UserError(
      f"{path}: the mask is black all over, so nothing would change; "
      "paint white where the image may change, or leave --mask out."
    )
  share = max(size) / SIDE
  return soften(mask, radius=share * RADII[kind], sigma=share * SIGMA)


def composite(mask: np.ndarray, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
  """mask * inside + (1 - mask) * outside.

  Args:
    mask: [h, w] in [0, 1].
    inside: image [h, w, c].
    outside: image of the same shape.

  Raises:
    ValueError: if the shapes do not fit.
  """
  if inside.shape != outside.shape or mask.shape != inside.shape[:2]:
    raise ValueError(
      f"mask {mask.shape}, images {inside.shape} and {outside.shape} do not fit."
    )
  weight = mask[..., None]
  return weight * inside + (1 - weight) * outside
