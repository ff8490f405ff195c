"""The training image at several times its size."""

from collections.abc import Sequence
import math
import pathlib

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import arguments, one_image, outputs
from jaxgan.experiments.single_image.inference import (
  ConSinGAN,
  Restored,
  SinGAN,
  Size,
  restored,
)
from jaxgan.experiments.single_image.tasks import request
from jaxgan.ops import resampling

STEP = 2 ** (1 / 3)  # Growth in one go that SinGAN's program aims at.
LARGEST = 16.0


def superres(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  scale: str = "4",
  seed: int = 0,
  noise: float = 1.0,
) -> pathlib.Path:
  """The training image enlarged (.png), with detail of its own kind.

  SinGAN applies its last scale again and again, at sizes that grow by a quarter (train
  `configs/singan_sr.py`). ConSinGAN, for which none is published, lets its last stage
  work at the new size; applied again, it would add to features that it has added to.

  Args:
    input: SinGAN: another image to enlarge, at the training image's scale.
    scale: how many times larger, above 1.
    seed: of the noise.
    noise: its strength; 0 adds only what the image itself calls for.
  """
  arguments.check_seed(seed)
  factor, across = arguments.scale(scale)
  if factor != across or not 1 < factor <= LARGEST:
    raise UserError(
      f"--scale={scale} must be one factor above 1 and at most {LARGEST:g}."
    )
  outputs.check_apart(output, input=input)
  source = restored(run)
  key = jax.random.key(seed)
  image = source.reals[-1][0]
  if isinstance(source, SinGAN):
    image = request.read_image(source, input) if input else image
    size = _times(image.shape, factor)
    outputs.check_output(output, 1, *size)
    large = _singan(source, image, factor, key, noise)
  elif input:
    raise UserError(
      "--input: a ConSinGAN enlarges its training image only; train one "
      "on the image, or a SinGAN."
    )
  else:
    size = _times(image.shape, factor)
    outputs.check_output(output, 1, *size)
    large = _consingan(source, size, key, noise)
  result = np.clip(consistent(large, image), -1, 1)[None]
  return one_image.write_images(output, [result], 1, size)


def _times(shape: Sequence[int], factor: float) -> Size:
  """(height, width) times a factor."""
  return round(shape[0] * factor), round(shape[1] * factor)


def growth(size: Size, factor: float) -> list[Size]:
  """The sizes on the way: equal factors near `STEP`, the last one exactly `factor`."""
  steps = max(1, round(math.log(factor, STEP)))
  return [_times(size, factor ** (i / steps)) for i in range(1, steps + 1)]


def _consingan(
  source: ConSinGAN, size: Size, key: jax.Array, strength: float
) -> np.ndarray:
  """The reconstruction whose last stage works at the new size."""
  last = len(source.sizes) - 1
  if last == 0:
    raise UserError("a run of one stage has no stage that enlarges: train more.")
  noise = strength * jax.random.normal(key, (1, *source.noise_shape(last, size)))
  return source.generate([*source.fixed[:-1], noise], (*source.sizes[:-1], size))[0]


def _singan(
  source: Restored, image: np.ndarray, factor: float, key: jax.Array, strength: float
) -> np.ndarray:
  """The last generator on the image itself, at every size."""
  for i, size in enumerate(growth(image.shape[:2], factor)):
    noise = jax.random.normal(jax.random.fold_in(key, i), (1, *size, source.channels))
    image = source.refine(request.resized(image, size)[None], strength * noise)[0]
  return image


def consistent(large: np.ndarray, small: np.ndarray) -> np.ndarray:
  """`large` [H, W, c] with the least change that makes it shrink to `small` [h, w, c].

  What was made up is thereby detail only: where back-projection (Irani and Peleg,
  1991) ends, by pseudoinverses.
  """
  shrink = [
    resampling.antialiased_cubic(long, short, short / long)
    for long, short in zip(large.shape[:2], small.shape[:2], strict=True)
  ]
  enlarge = [np.linalg.pinv(matrix) for matrix in shrink]
  large = np.asarray(large)
  missing = small - resampling.resample(large, *shrink)
  return large + resampling.resample(missing, *enlarge)
