"""Images of another size or shape, however large."""

import pathlib

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.experiments.shared import arguments, one_image
from jaxgan.experiments.single_image import consingan_tiles, singan_tiles, tile_noise
from jaxgan.experiments.single_image.inference import Restored, SinGAN, Size, restored

WIDER = "1x2"


def retarget(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  num: int = 1,
  seed: int = 0,
  size: str = "",
  scale: str = WIDER,
  start_stage: int = 0,
  tile: int = 0,
) -> pathlib.Path:
  """The scene at another size or aspect: an image (.png), or a folder of files.

  What exceeds memory is made in tiles, which fit without seams.

  Args:
    num: how many; each is arranged anew.
    seed: image i of a seed is the same for any number, and for any tiles.
    size: HEIGHTxWIDTH in pixels, such as 250x1000, or the longer side.
    scale: instead of a size, a factor, or HEIGHTxWIDTH factors.
    start_stage: stages before this one keep the training image's arrangement,
      stretched; 1 suits changes of aspect.
    tile: side of the tiles in pixels; 0 takes tiles only where they are needed.
  """
  arguments.check_num(num)
  arguments.check_num(tile, least=0, name="tile")
  arguments.check_seed(seed)
  source = restored(run)
  stages = len(source.sizes)
  one_image.check_stage(start_stage, stages, last=stages)
  sizes = one_image.chosen_sizes(source, size, scale, default=WIDER)
  made = (_image(source, seed, i, sizes, start_stage, tile) for i in range(num))
  return one_image.write_images(output, made, num, sizes[-1])


def _image(
  source: Restored,
  seed: int,
  number: int,
  sizes: tuple[Size, ...],
  start_stage: int,
  tile: int,
) -> np.ndarray:
  """Image number i of a seed [1, h, w, c]."""
  key = jax.random.fold_in(jax.random.key(seed), number)
  noise = tile_noise.Noise(source, key, sizes, start_stage)
  tiles = singan_tiles if isinstance(source, SinGAN) else consingan_tiles
  return tiles.generate(source, noise, sizes, tile=tile)
