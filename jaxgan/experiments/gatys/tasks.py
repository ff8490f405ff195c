"""What users do with an optimized picture."""

from collections.abc import Iterator
import pathlib

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.experiments.gatys import stage
from jaxgan.experiments.shared import criterion as criterion_lib
from jaxgan.images import sheets, writer


def picture(run: workdir.Run, output: pathlib.Path) -> pathlib.Path:
  """The picture, as a PNG file."""
  pixels = run.restore(f"params.{stage.PICTURE}")["pixels"]
  writer.write_png(output, sheets.to_uint8(2 * pixels[0] - 1))
  return output


def evaluate(run: workdir.Run) -> Iterator[tuple[str, float]]:
  """The picture's weighted losses, by layer and in all."""
  criterion = criterion_lib.criterion(run.config)
  photo = stage.read_content(run.config.data.content, run.config.data.size)
  known = stage.constants(run.config, criterion, photo)
  pixels = run.restore(f"params.{stage.PICTURE}")["pixels"]
  found = jax.device_get(
    jax.jit(criterion.losses)(known["vgg"], pixels, known["targets"], known["grams"])
  )
  yield from ((name, float(np.mean(value))) for name, value in found.items())
  for kind in ("content", "style"):
    yield (
      kind,
      float(
        sum(np.mean(value) for name, value in found.items() if name.startswith(kind))
      ),
    )


TASKS = {"picture": picture}
