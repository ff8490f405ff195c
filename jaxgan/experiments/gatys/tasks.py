"""What users do with an optimized image."""

import pathlib

from jaxgan.engine import workdir
from jaxgan.experiments.gatys.inference import restore_pixels
from jaxgan.images import sheets, writer


def picture(run: workdir.Run, output: pathlib.Path) -> pathlib.Path:
  """The image, as a PNG file."""
  pixels = restore_pixels(run)
  writer.write_png(output, sheets.to_uint8(2 * pixels[0] - 1))
  return output


TASKS = {"picture": picture}
