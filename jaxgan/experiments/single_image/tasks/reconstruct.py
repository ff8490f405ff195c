"""The training image as the generator makes it."""

import pathlib

from jaxgan.engine import workdir
from jaxgan.experiments.shared import one_image
from jaxgan.experiments.single_image.inference import restored


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
    size: HEIGHTxWIDTH in pixels, or the longer side; by default as trained.
    scale: instead of a size, a factor, or HEIGHTxWIDTH factors such as 1x2.
    beside: with the training image to its right, where that has the same size.
  """
  source = restored(run)
  sizes = one_image.chosen_sizes(source, size, scale)
  images = [source.generate(source.fixed_at(sizes), sizes)]
  if beside and sizes == source.sizes:
    images.append(source.reals[-1])
  count = len(images)
  return one_image.write_images(output, images, count, sizes[-1], columns=count)
