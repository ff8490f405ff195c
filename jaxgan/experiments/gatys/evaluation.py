"""How near an optimized image is to its photograph and its styles."""

from collections.abc import Iterator

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.experiments.gatys import data
from jaxgan.experiments.gatys.inference import restore_pixels
from jaxgan.experiments.gatys.objective import Objective, create_constants
from jaxgan.experiments.shared.criterion import create_criterion


def evaluate(run: workdir.Run) -> Iterator[tuple[str, float]]:
  """The image's weighted losses, by layer and in all."""
  config = run.config
  criterion = create_criterion(config.loss)
  photo = data.load(config.data.content, config.data.size)
  constants = create_constants(config, criterion, photo)
  found = jax.jit(Objective(criterion).losses)(restore_pixels(run), constants)
  losses = {name: float(np.mean(value)) for name, value in found.items()}
  yield from losses.items()
  for kind in ("content", "style"):
    terms = (value for name, value in losses.items() if name.startswith(kind))
    yield kind, sum(terms)
