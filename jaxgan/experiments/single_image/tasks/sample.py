"""Random images of any size, and the reconstruction."""

import pathlib

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.single_image.inference import restored
from jaxgan.experiments.single_image.tasks import arguments, writing

PIXELS_AT_ONCE = 2**19  # Of images made together: some 130 MB for each layer.


def sample(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  num: int = 16,
  seed: int = 0,
  size: str = "",
  scale: str = "1",
  start_stage: int = 0,
  columns: int = 0,
) -> pathlib.Path:
  """New images like the training image: a grid (.png), or a folder of files.

  Args:
    num: how many images.
    seed: image i of a seed is the same for any number.
    size: HEIGHTxWIDTH in pixels; by default as trained.
    scale: instead of a size, a factor, or HEIGHTxWIDTH factors such as 1x2.
    start_stage: stages before this one keep the training image's arrangement.
    columns: images in a row of the grid; 0 makes it about square.
  """
  if num < 1:
    raise UserError(f"--num={num} must be at least 1.")
  source = restored(run)
  arguments.check_stage(start_stage, len(source.sizes))
  sizes = writing.chosen_sizes(source, size, scale)
  key = jax.random.key(seed)
  at_once = max(1, PIXELS_AT_ONCE // (sizes[-1][0] * sizes[-1][1]))
  images = []
  for first in range(0, num, at_once):
    count = min(at_once, num - first)
    noises = source.draw(key, count, sizes, first=first)
    images.append(source.generate(noises, sizes, start=start_stage))
  return writing.write_images(output, np.concatenate(images), columns)


def reconstruct(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  size: str = "",
  scale: str = "1",
  beside: bool = True,
) -> pathlib.Path:
  """The training image as the generator makes it from its fixed noise.

  Args:
    size: HEIGHTxWIDTH in pixels; by default as trained.
    scale: instead of a size, a factor, or HEIGHTxWIDTH factors such as 1x2.
    beside: with the training image to its right, where that has the same size.
  """
  source = restored(run)
  sizes = writing.chosen_sizes(source, size, scale)
  images = source.generate(source.fixed_at(sizes), sizes)
  if beside and sizes == source.sizes:
    images = np.concatenate([images, source.reals[-1]])
  return writing.write_images(output, images, columns=len(images))
