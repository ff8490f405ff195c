"""Sizes of an image that a generator learns from alone, and its resampling."""

from collections.abc import Sequence
import math
from typing import NamedTuple

import numpy as np

from jaxgan.ops import resampling

Size = tuple[int, int]


class Level(NamedTuple):
  """One level of a pyramid: its size and its scale relative to the finest."""

  size: Size
  scale: float


class Rules(NamedTuple):
  """How sizes are rounded and pixels resampled.

  Attributes:
    exact: sizes are rounded and pixels sampled at out / in. Else as the publications'
      programs do it: sizes are rounded up, which overshoots by floating-point error (a
      shortest side of 25 becomes 26), and pixels sampled at the nominal scale.
    border: "reflect" mirrors at all four sides; "reference" only at the right and at
      the bottom, and cuts the filter off at the other two, as those programs do on x86.
    truncate: before resampling, pixels become whole numbers by cutting off, which after
      float32's rounding lowers every value from 1 to 63 by 1; else by rounding.
  """

  exact: bool = True
  border: str = "reflect"
  truncate: bool = False


EXACT = Rules()


def scaled(size: Size, scale: float, rules: Rules = EXACT) -> Size:
  """A size times a factor, in whole pixels."""
  rounded = (lambda x: max(math.floor(x + 0.5), 1)) if rules.exact else math.ceil
  return tuple(rounded(side * scale) for side in size)


def finest(size: Size, max_size: int, rules: Rules = EXACT) -> Level:
  """The finest level of an image: its longer side is at most `max_size`."""
  scale = min(max_size / max(size), 1)
  return Level(scaled(size, scale, rules) if scale < 1 else size, scale)


def _whole_numbers(image: np.ndarray, truncate: bool) -> np.ndarray:
  """Images in [-1, 1] to whole numbers from 0 to 255, as float64."""
  x = np.clip((np.asarray(image, np.float32) + 1) / 2, 0, 1)
  if truncate:
    return np.trunc(np.float32(255) * x).astype(np.float64)
  return np.rint(255 * x.astype(np.float64))


def normalized(x: np.ndarray) -> np.ndarray:
  """[0, 255] to float32 in [-1, 1], rounded where the published programs round."""
  return np.clip(((x / 255).astype(np.float32) - np.float32(0.5)) * 2, -1, 1)


def imresize(
  image: np.ndarray, size: Size, scale: float | Size | None = None, rules: Rules = EXACT
) -> np.ndarray:
  """Resamples an image by an antialiased cubic filter.

  Args:
    image: float [h, w, c] in [-1, 1].
    size: (height, width) wanted.
    scale: nominal scale of both axes, or of each; used unless `rules.exact`.
    rules: how it is done.

  Returns:
    float32 [*size, c] in [-1, 1].
  """
  scales = [out / length for out, length in zip(size, image.shape, strict=False)]
  if scale is not None and not rules.exact:
    scales = list(scale) if isinstance(scale, Sequence) else [scale, scale]
  x = _whole_numbers(image, rules.truncate)
  if scales == [1, 1]:
    return normalized(x)
  # The programs let the height decide about antialiasing for both axes.
  antialias = [s < 1 for s in scales] if rules.exact else [scales[0] < 1] * 2
  matrices = [
    resampling.antialiased_cubic(
      length, out, scale, border=rules.border, antialias=shrinks
    )
    for length, out, scale, shrinks in zip(
      image.shape, size, scales, antialias, strict=False
    )
  ]
  return normalized(resampling.resample(x, *matrices))
