"""Image pyramids of generators that learn from one image: their sizes and resampling.

ConSinGAN (Hinz et al., 2021) is given the number of stages and derives their scales,
dense at low resolution; SinGAN (Shaham et al., 2019) is given a ratio and derives the
number. Both resample by an antialiased cubic filter.
"""

from collections.abc import Sequence
import math
from typing import NamedTuple

import numpy as np

from jaxgan.errors import UserError
from jaxgan.ops import resampling

Size = tuple[int, int]
SPACINGS = ("log", "geometric")


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


def _scaled(size: Size, scale: float, rules: Rules) -> Size:
  rounded = (lambda x: max(math.floor(x + 0.5), 1)) if rules.exact else math.ceil
  return tuple(rounded(side * scale) for side in size)


def finest(size: Size, max_size: int, rules: Rules = EXACT) -> Level:
  """The finest level of an image: its longer side is at most `max_size`."""
  scale = min(max_size / max(size), 1)
  return Level(_scaled(size, scale, rules) if scale < 1 else size, scale)


def _check(size: Size, min_size: int) -> None:
  if min(size) < min_size:
    raise UserError(
      f"the image is {size[1]}x{size[0]} pixels at the finest stage, and its shorter "
      f"side less than config.min_size = {min_size}: take a larger image, raise "
      "config.max_size or lower config.min_size."
    )


def consingan(
  size: Size,
  *,
  num_stages: int,
  min_size: int,
  spacing: str = "log",
  rules: Rules = EXACT,
) -> list[Level]:
  """Levels of ConSinGAN from the coarsest, whose shorter side is `min_size`.

  Args:
    size: (height, width) of the finest level.
    num_stages: how many, at least 1; with one there is only the finest.
    min_size: in pixels.
    spacing: "log" puts levels densely at low resolution (section 3.1); "geometric" has
      a constant ratio, which suits harmonization.
    rules: how sizes are rounded.

  Raises:
    UserError: if the image is smaller than `min_size`.
  """
  _check(size, min_size)
  last = num_stages - 1
  levels = []
  for i in range(last):
    ratio = math.pow(min_size / min(size), 1 / last)
    # With two stages log(last) is 0; the limit of the formula is 1.
    dense = (last - 1) / math.log(last) * math.log(last - i) + 1 if last > 1 else 1
    scale = math.pow(ratio, dense if spacing == "log" else last - i)
    levels.append(Level(_scaled(size, scale, rules), scale))
  return [*levels, Level(size, 1.0)]


def singan(
  size: Size, *, factor: float, min_size: int, max_size: int, rules: Rules = EXACT
) -> list[Level]:
  """Levels of SinGAN from the coarsest: a ratio near `factor` from each to the next.

  Args:
    size: (height, width) of the image as given, before `finest`.
    factor: the ratio wanted, between 0 and 1; the nearest that meets `min_size` exactly
      is used.
    min_size: shorter side of the coarsest level.
    max_size: longer side of the finest level.
    rules: how sizes are rounded.

  Raises:
    UserError: if the image is smaller than `min_size`.
  """
  top = finest(size, max_size, rules).size
  _check(top, min_size)
  number = math.ceil(math.log(min_size / min(size), factor)) + 1
  skipped = math.ceil(math.log(min(max_size, max(size)) / max(size), factor))
  stop = max(number - skipped, 0)
  if stop == 0:
    return [Level(top, 1.0)]
  ratio = math.pow(min_size / min(top), 1 / stop)
  scales = [math.pow(ratio, stop - i) for i in range(stop)]
  return [
    *(Level(_scaled(top, scale, rules), scale) for scale in scales),
    Level(top, 1.0),
  ]


def _whole_numbers(image: np.ndarray, truncate: bool) -> np.ndarray:
  """Images in [-1, 1] to whole numbers from 0 to 255, as float64."""
  x = np.clip((np.asarray(image, np.float32) + 1) / 2, 0, 1)
  if truncate:
    return np.trunc(np.float32(255) * x).astype(np.float64)
  return np.rint(255 * x.astype(np.float64))


def _normalized(x: np.ndarray) -> np.ndarray:
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
    return _normalized(x)
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
  return _normalized(resampling.resample(x, *matrices))


def build(
  image: np.ndarray, levels: Sequence[Level], top: Level, rules: Rules = EXACT
) -> list[np.ndarray]:
  """The image at every level, each from the finest: float32 [h, w, c] in [-1, 1].

  Args:
    image: uint8 [h, w, c] as given.
    levels: from `consingan` or `singan`; the last is the finest.
    top: the finest level as `finest` gives it, relative to the image as given.
    rules: how it is done.
  """
  real = imresize(_normalized(image), top.size, top.scale, rules)
  return [
    *(imresize(real, level.size, level.scale, rules) for level in levels[:-1]),
    real,
  ]
