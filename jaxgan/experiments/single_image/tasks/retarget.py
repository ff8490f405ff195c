"""Images of another size or shape, however large."""

import pathlib

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.single_image import consingan_tiles, singan_tiles
from jaxgan.experiments.single_image.inference import restored
from jaxgan.experiments.single_image.tasks import arguments, writing

WIDER = "1x2"  # What is made when nothing is asked for.


def retarget(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  num: int = 1,
  seed: int = 0,
  size: str = "",
  scale: str = "",
  start_stage: int = 0,
  tile: int = 0,
) -> pathlib.Path:
  """The scene at another size or aspect: a picture (.png), or a folder of files.

  What exceeds memory is made in tiles, which fit without seams.

  Args:
    num: how many; each is arranged anew.
    seed: image i of a seed is the same for any number, and for any tiles.
    size: HEIGHTxWIDTH in pixels, such as 250x1000.
    scale: instead, HEIGHTxWIDTH factors, such as 1x2, which is the default.
    start_stage: stages before this one keep the training image's arrangement,
      stretched; 1 suits changes of aspect.
    tile: side of the tiles in pixels; 0 takes tiles only where they are needed.
  """
  if num < 1 or tile < 0:
    raise UserError(
      f"--num={num} --tile={tile}: at least 1 image, and no negative side of tiles."
    )
  source = restored(run)
  arguments.check_stage(start_stage, len(source.sizes))
  sizes = writing.chosen_sizes(source, size, scale or ("" if size else WIDER))
  generate = (
    singan_tiles if source.config.network == "singan" else consingan_tiles
  ).generate
  images = []
  for i in range(num):
    key = jax.random.fold_in(jax.random.key(seed), i)
    noise = consingan_tiles.Noise(source, key, sizes, start_stage)
    images.append(generate(source, noise, sizes, tile=tile))
  return writing.write_images(output, np.concatenate(images))
