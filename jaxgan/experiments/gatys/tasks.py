"""What users do with an optimized image."""

import pathlib

from jaxgan.engine import workdir
from jaxgan.experiments.gatys.inference import restore_pixels
from jaxgan.images import pixels, writer


def picture(run: workdir.Run, output: pathlib.Path) -> pathlib.Path:
  """The image, as a PNG file."""
  writer.write_png(output, pixels.to_uint8(restore_pixels(run)[0], 0))
  return output


TASKS = {"picture": picture}
