"""A rough painting to an image of the training image's kind."""

import pathlib

from absl import logging
import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import arguments, one_image, outputs
from jaxgan.experiments.single_image import concurrent
from jaxgan.experiments.single_image.inference import restored
from jaxgan.experiments.single_image.tasks import compose, request

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
  """A painting of a few colors as a photograph: an image (.png), or a folder.

  Args:
    input: the painting, of any size.
    num: how many, with different noise.
    seed: of the noise.
    start_stage: SinGAN: the scale at which it is put in; -1 is a quarter up, lower
      ones are bolder. ConSinGAN always begins with it.
    colors: the painting's colors are replaced by the nearest of so many that are
      typical of the training image; 0 leaves them as they are.
  """
  arguments.check_num(num)
  arguments.check_seed(seed)
  if colors < 0 or colors == 1:
    raise UserError(f"--colors={colors}: take at least 2, or 0 for the painting's own.")
  outputs.check_apart(output, input=input)
  source = restored(run)
  painting = request.read_image(source, input)
  sizes = request.fitting_sizes(source, painting.shape)
  start = compose.insertion(source, start_stage, LOW)
  if not start and source.mode not in concurrent.FROM_IMAGES:
    logging.warning(
      "a run trained on noise makes paintings faint: one of "
      "configs/consingan_editing.py or singan.py does this better"
    )
  put = max(start - 1, 0)  # The stage whose image the painting stands for.
  image = request.resized(painting, sizes[put])
  if colors:
    image = quantized(image, palette(source.reals[put][0], colors))
  key = jax.random.key(seed)
  made = (
    source.generate(
      source.draw(key, count, sizes, first=first),
      sizes,
      start=start,
      image=np.repeat(image[None], count, axis=0),
    )
    for first, count in request.batches(num, sizes[-1])
  )
  return one_image.write_images(output, made, num, sizes[-1])


def palette(image: np.ndarray, colors: int) -> np.ndarray:
  """Typical colors [n, c] of an image [h, w, c]: centers of k-means over its pixels.

  SinGAN's program means to do so, but clusters triples of neighboring values of one
  channel. There are fewer than `colors` where the image has fewer.
  """
  from scipy.cluster import vq  # Imports slowly, and few tasks need it.

  pixels = image.reshape(-1, image.shape[-1]).astype(np.float64)
  # Beginning with colors of evenly spread brightness makes the result definite.
  known = np.unique(pixels, axis=0)
  known = known[np.argsort(known.sum(1), kind="stable")]
  chosen = np.unique(np.linspace(0, len(known) - 1, colors).round().astype(int))
  centers, _ = vq.kmeans2(pixels, known[chosen], minit="matrix", iter=30)
  return centers.astype(np.float32)


def quantized(image: np.ndarray, centers: np.ndarray) -> np.ndarray:
  """Every pixel [h, w, c] replaced by the nearest of the colors [n, c]."""
  from scipy.cluster import vq

  nearest, _ = vq.vq(image.reshape(-1, image.shape[-1]), centers)
  return centers[nearest].reshape(image.shape)
