"""Random images of any size."""

import pathlib

import jax

from jaxgan.engine import workdir
from jaxgan.experiments.shared import arguments, one_image
from jaxgan.experiments.single_image.inference import restored
from jaxgan.experiments.single_image.tasks import request


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
    size: HEIGHTxWIDTH in pixels, or the longer side; by default as trained.
    scale: instead of a size, a factor, or HEIGHTxWIDTH factors such as 1x2.
    start_stage: stages before this one keep the training image's arrangement.
    columns: images in a row of the grid; 0 makes it about square.
  """
  arguments.check_num(num)
  arguments.check_num(columns, least=0, name="columns")
  arguments.check_seed(seed)
  source = restored(run)
  stages = len(source.sizes)
  one_image.check_stage(start_stage, stages, last=stages)
  sizes = one_image.chosen_sizes(source, size, scale)
  key = jax.random.key(seed)
  made = (
    source.generate(
      source.draw(key, count, sizes, first=first), sizes, start=start_stage
    )
    for first, count in request.batches(num, sizes[-1])
  )
  return one_image.write_images(output, made, num, sizes[-1], columns)
