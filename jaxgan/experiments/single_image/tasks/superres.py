"""The training image at several times its size."""
import math
import pathlib

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.single_image import restored as trained
from jaxgan.experiments.single_image.restored import restored
from jaxgan.experiments.single_image.tasks import inputs, writing

STEP = 2 ** (1 / 3)  # Growth in one go that SinGAN's program aims at.
LARGEST = 16.0


def superres(run: workdir.Run, output: pathlib.Path, *, input: str = "",
             factor: float = 4.0, seed: int = 0, noise: float = 1.0) -> pathlib.Path:
  """The training image enlarged (.png), with detail of its own kind.

  The last stage is applied again and again, at sizes that grow by a quarter: SinGAN's
  scheme (train `configs/singan_sr.py`). For ConSinGAN it is its author's suggestion,
  on the features of the last stage.

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
  if source.config.network == "singan":
    image = inputs.picture(source, input) if input else source.reals[-1][0]
    image = _singan(source, image, factor, key, noise)
  elif input:
    raise UserError("--input: a ConSinGAN enlarges its training image only; train one "
                    "on the picture, or a SinGAN.")
  else:
    image = _consingan(source, factor, key, noise)
  return writing.write_images(output, image)


def growth(size: trained.Size, factor: float) -> list[trained.Size]:
  """The sizes on the way: equal factors near `STEP`, the last one exactly `factor`."""
  steps = max(1, round(math.log(factor, STEP)))
  return [tuple(round(side * factor ** (i / steps)) for side in size)
          for i in range(1, steps + 1)]


def _consingan(source: trained.ConSinGAN, factor: float, key: jax.Array,
               strength: float) -> np.ndarray:
  """The reconstruction's features through the last stage at every size."""
  sizes, net, last = source.sizes, source.net, len(source.sizes) - 1
  if last == 0:
    raise UserError("a run of one stage has no stage that enlarges: train more.")
  variables = {"params": source.variables}
  x = jax.jit(lambda variables, noises: net.apply(
      variables, None, noises, sizes, source.amplitudes, method="grow"))(
          variables, source.fixed)
  amplitude = strength * source.amplitudes[-1:]
  for i, size in enumerate(growth(sizes[-1], factor)):
    noise = jax.random.normal(jax.random.fold_in(key, i),
                              (1, *net.noise_shape(last, size)))
    x = jax.jit(lambda variables, x, noise, size=size: net.apply(
        variables, x, [noise], [size], amplitude, last, method="grow"))(
            variables, x, noise)
  return np.asarray(jax.jit(lambda variables, x: net.apply(
      variables, x, method="finish"))(variables, x))


def _singan(source: trained.Restored, image: np.ndarray, factor: float, key: jax.Array,
            strength: float) -> np.ndarray:
  """The last generator on the picture itself, at every size."""
  for i, size in enumerate(growth(image.shape[:2], factor)):
    noise = jax.random.normal(jax.random.fold_in(key, i), (1, *size, source.channels))
    image = source.refine(inputs.resized(image, size)[None], strength * noise)[0]
  return np.clip(image[None], -1, 1)
