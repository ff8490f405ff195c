"""Saturation and sharpness of single images, and screening by them."""

from collections.abc import Callable

import numpy as np

from jaxgan.images import color

_BLOCK = 256  # Images turned to float at once.


def saturation(images: np.ndarray) -> np.ndarray:
  """Mean HSV saturation of each image, in [0, 1]: 0 is gray.

  Args:
    images: uint8 [n, h, w, 1 or 3].

  Returns:
    float32 [n].
  """

  def of_block(x):
    high, low = x.max(-1), x.min(-1)
    return ((high - low) / np.maximum(high, 1)).mean((1, 2))

  return _per_image(of_block, images)


def sharpness(images: np.ndarray) -> np.ndarray:
  """Variance of each image's Laplacian (4 neighbors, luma of 0 to 255): 0 is flat.

  Args:
    images: uint8 [n, h, w, 1 or 3], h and w at least 3.

  Returns:
    float32 [n].
  """
  if min(images.shape[1:3]) < 3:
    raise ValueError(f"sharpness needs 3 x 3 pixels or more, not {images.shape}")

  def of_block(x):
    y = color.luma(x)
    sides = y[:, :-2, 1:-1] + y[:, 2:, 1:-1] + y[:, 1:-1, :-2] + y[:, 1:-1, 2:]
    return (sides - 4 * y[:, 1:-1, 1:-1]).var((1, 2))

  return _per_image(of_block, images)


def screen(
  images: np.ndarray,
  *,
  saturation_range: tuple[float, float] = (0.0, 1.0),
  min_sharpness: float = 0.0,
  duplicates_below: float = 0.0,
  features: np.ndarray | None = None,
) -> tuple[np.ndarray, dict[str, int]]:
  """Chooses images that are good enough to show; the defaults reject none.

  Never evaluate a generator on screened images: any score would be too good.

  Args:
    images: uint8 [n, h, w, 1 or 3]; of near-duplicates the first is kept.
    saturation_range: lowest and highest `saturation`, such as the 5th and 95th
      percentile of the real images'.
    min_sharpness: lowest `sharpness`.
    duplicates_below: Euclidean distance of features below which an image repeats
      one kept before; 0 for no such test.
    features: [n, d], needed for that test only.

  Returns:
    (indices of the images kept, in order; {"saturation": n, "sharpness": n,
    "duplicate": n}, counted by the first test that each failed).
  """
  low, high = saturation_range
  values = saturation(images)
  colorful = (low <= values) & (values <= high)
  sharp = colorful
  if min_sharpness > 0:
    sharp = colorful & (sharpness(images) >= min_sharpness)
  keep = np.flatnonzero(sharp)
  if duplicates_below > 0:
    if features is None or len(features) != len(images):
      raise ValueError(f"duplicates_below needs the features of {len(images)} images")
    keep = _without_duplicates(keep, features, duplicates_below)
  rejected = {
    "saturation": int((~colorful).sum()),
    "sharpness": int((colorful & ~sharp).sum()),
    "duplicate": int(sharp.sum() - len(keep)),
  }
  return keep, rejected


def _without_duplicates(
  candidates: np.ndarray, features: np.ndarray, below: float
) -> np.ndarray:
  kept: list[int] = []
  for i in candidates:
    distances = np.linalg.norm(features[kept] - features[i], axis=1)
    if (distances >= below).all():
      kept.append(int(i))
  return np.array(kept, np.intp)


def _per_image(
  function: Callable[[np.ndarray], np.ndarray], images: np.ndarray
) -> np.ndarray:
  if images.ndim != 4 or images.dtype != np.uint8 or images.shape[-1] not in (1, 3):
    raise ValueError(
      f"expected uint8 images [n, h, w, 1 or 3], not {images.dtype} {images.shape}"
    )
  blocks = [
    function(np.asarray(images[start : start + _BLOCK], np.float32))
    for start in range(0, len(images), _BLOCK)
  ]
  return np.concatenate([np.empty(0, np.float32), *blocks])
