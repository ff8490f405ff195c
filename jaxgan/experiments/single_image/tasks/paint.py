"""A rough painting to a picture of the training image's kind."""

import pathlib

from absl import logging
import jax
import numpy as np
from scipy.cluster import vq

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.single_image import concurrent
from jaxgan.experiments.single_image.inference import restored
from jaxgan.experiments.single_image.tasks import arguments, compose, writing

LOW = 0.25  # Of SinGAN's scales, where paintings are put in by default.


def paint2image(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  num: int = 1,
  seed: int = 0,
  start_stage: int = -1,
  colors: int = 5,
) -> pathlib.Path:
  """A painting of a few colors as a photograph: a picture (.png), or a folder.

  Args:
    input: the painting, of any size.
    num: how many, with different noise.
    seed: of the noise.
    start_stage: SinGAN: the scale at which it is put in; -1 is a quarter up, lower
      ones are bolder. ConSinGAN always begins with it.
    colors: the painting's colors are replaced by the nearest of so many that are
      typical of the training image; 0 leaves them as they are.
  """
  if num < 1 or colors < 0 or colors == 1:
    raise UserError(
      f"--num={num} --colors={colors}: at least 1 picture, and no "
      "colors (0) or at least 2."
    )
  source = restored(run)
  painting = arguments.picture(source, input)
  sizes = arguments.sizes_for(source, painting.shape)
  start, put = 0, 0
  if source.config.network == "singan":
    start = compose.injection(source, start_stage, LOW)
    put = start - 1
  elif start_stage > 0:
    raise UserError(
      f"--start_stage={start_stage}: ConSinGAN takes a painting at stage "
      "0 only; leave the option out."
    )
  elif source.config.mode not in concurrent.FROM_IMAGES:
    logging.warning(
      "a run trained on noise makes paintings faint: one of "
      "configs/consingan_editing.py or singan.py does this better"
    )
  image = arguments.resized(painting, sizes[put])
  if colors:
    image = quantized(image, palette(source.reals[put][0], colors))
  noises = source.draw(jax.random.key(seed), num, sizes)
  images = source.generate(
    noises, sizes, start=start, image=np.repeat(image[None], num, axis=0)
  )
  return writing.write_images(output, images)


def palette(image: np.ndarray, colors: int) -> np.ndarray:
  """Typical colors [n, c] of an image [h, w, c]: centers of k-means over its pixels.

  SinGAN's program means to do so, but clusters triples of neighboring values of one
  channel. There are fewer than `colors` where the image has fewer.
  """
  pixels = image.reshape(-1, image.shape[-1]).astype(np.float64)
  # Beginning with colors of evenly spread brightness makes the result definite.
  known = np.unique(pixels, axis=0)
  known = known[np.argsort(known.sum(1), kind="stable")]
  chosen = np.unique(np.linspace(0, len(known) - 1, colors).round().astype(int))
  centers, _ = vq.kmeans2(pixels, known[chosen], minit="matrix", iter=30)
  return centers.astype(np.float32)


def quantized(image: np.ndarray, centers: np.ndarray) -> np.ndarray:
  """Every pixel [h, w, c] replaced by the nearest of the colors [n, c]."""
  nearest, _ = vq.vq(image.reshape(-1, image.shape[-1]), centers)
  return centers[nearest].reshape(image.shape)
