"""What users do with a trained network."""
import pathlib

from jaxgan.engine import summaries, workdir
from jaxgan.experiments.stylize import mixture, network, painter

import numpy as np


def stylize(run: workdir.Run, output: pathlib.Path, *, input: str = "",
            style: str = "") -> pathlib.Path:
  """x"""
  p = painter.Painter(network.restore(run))
  from jaxgan.data import pictures
  image = np.asarray(pictures.read(input, channels=3))
  made = p(image[None], mixture.weights(style, p.names)[None])
  summaries.write_png(output, np.round(made[0] * 255).astype(np.uint8))
  return output


TASKS = {"stylize": stylize}
