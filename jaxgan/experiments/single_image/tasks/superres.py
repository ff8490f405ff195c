"""The training image at several times its size."""

from collections.abc import Sequence
import math
import pathlib

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.single_image import inference as trained
from jaxgan.experiments.single_image import pyramid
from jaxgan.experiments.single_image.inference import restored
from jaxgan.experiments.single_image.tasks import arguments, writing

STEP = 2 ** (1 / 3)  # Growth in one go that SinGAN's program aims at.
LARGEST = 16.0


def superres(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  factor: float = 4.0,
  seed: int = 0,
  noise: float = 1.0,
) -> pathlib.Path:
  """The training image enlarged (.png), with detail of its own kind.

  SinGAN applies its last scale again and again, at sizes that grow by a quarter (train
  `configs/singan_sr.py`). ConSinGAN, for which none is published, lets its last stage
  work at the new size; applied again, it would add to features that it has added to.

  Args:
    input: SinGAN: another picture to enlarge, at the training image's scale.
    factor: how many times larger, above 1.
    seed: of the noise.
    noise: its strength; 0 adds only what the picture itself calls for.
  """
  if not 1 < factor <= LARGEST:
    raise UserError(f"--factor={factor} must be above 1 and at most {LARGEST:g}.")
  source = restored(run)
  key = jax.random.key(seed)
  image = source.reals[-1][0]
  if source.config.network == "singan":
    image = arguments.picture(source, input) if input else image
    large = _singan(source, image, factor, key, noise)
  elif input:
    raise UserError(
      "--input: a ConSinGAN enlarges its training image only; train one "
      "on the picture, or a SinGAN."
    )
  else:
    large = _consingan(source, _times(image.shape, factor), key, noise)
  return writing.write_images(output, np.clip(consistent(large, image), -1, 1)[None])


def _times(shape: Sequence[int], factor: float) -> trained.Size:
  """(height, width) times a factor."""
  return round(shape[0] * factor), round(shape[1] * factor)


def growth(size: trained.Size, factor: float) -> list[trained.Size]:
  """The sizes on the way: equal factors near `STEP`, the last one exactly `factor`."""
  steps = max(1, round(math.log(factor, STEP)))
  return [_times(size, factor ** (i / steps)) for i in range(1, steps + 1)]


def _consingan(
  source: trained.ConSinGAN, size: trained.Size, key: jax.Array, strength: float
) -> np.ndarray:
  """The reconstruction whose last stage works at the new size."""
  last = len(source.sizes) - 1
  if last == 0:
    raise UserError("a run of one stage has no stage that enlarges: train more.")
  noise = strength * jax.random.normal(key, (1, *source.noise_shape(last, size)))
  return source.generate([*source.fixed[:-1], noise], (*source.sizes[:-1], size))[0]


def _singan(
  source: trained.Restored,
  image: np.ndarray,
  factor: float,
  key: jax.Array,
  strength: float,
) -> np.ndarray:
  """The last generator on the picture itself, at every size."""
  for i, size in enumerate(growth(image.shape[:2], factor)):
    noise = jax.random.normal(jax.random.fold_in(key, i), (1, *size, source.channels))
    image = source.refine(arguments.resized(image, size)[None], strength * noise)[0]
  return image


def consistent(large: np.ndarray, small: np.ndarray) -> np.ndarray:
  """`large` [H, W, c] with the least change that makes it shrink to `small` [h, w, c].

  What was made up is thereby detail only: where back-projection (Irani and Peleg,
  1991) ends, by pseudoinverses.
  """
  shrink = [
    pyramid.matrix(long, short, short / long)
    for long, short in zip(large.shape[:2], small.shape[:2], strict=True)
  ]
  enlarge = [np.linalg.pinv(matrix) for matrix in shrink]
  return large + _resampled(small - _resampled(large, *shrink), *enlarge)


def _resampled(image: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
  """An image [h, w, c] times a matrix for each axis."""
  return np.einsum("ih,hwc,jw->ijc", rows, image, columns, optimize=True)
