"""Image pyramids of generators that learn from one image: their sizes and resampling.

ConSinGAN (Hinz et al., 2021) is given the number of stages and derives their scales,
dense at low resolution; SinGAN (Shaham et al., 2019) is given a ratio and derives the
number. Both resample by an antialiased cubic filter.
"""

from collections.abc import Sequence
import math

import numpy as np

from jaxgan.errors import UserError
from jaxgan.experiments.shared import resizing
from jaxgan.experiments.shared.resizing import EXACT, Level, Rules, Size

SPACINGS = ("log", "geometric")


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
    levels.append(Level(resizing.scaled(size, scale, rules), scale))
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
  top = resizing.finest(size, max_size, rules).size
  _check(top, min_size)
  number = math.ceil(math.log(min_size / min(size), factor)) + 1
  skipped = math.ceil(math.log(min(max_size, max(size)) / max(size), factor))
  stop = max(number - skipped, 0)
  if stop == 0:
    return [Level(top, 1.0)]
  ratio = math.pow(min_size / min(top), 1 / stop)
  scales = [math.pow(ratio, stop - i) for i in range(stop)]
  return [
    *(Level(resizing.scaled(top, scale, rules), scale) for scale in scales),
    Level(top, 1.0),
  ]


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
  real = resizing.imresize(resizing.normalized(image), top.size, top.scale, rules)
  return [
    *(resizing.imresize(real, level.size, level.scale, rules) for level in levels[:-1]),
    real,
  ]
