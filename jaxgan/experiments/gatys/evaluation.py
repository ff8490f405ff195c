"""How near an optimized image is to its photograph and its styles."""

from collections.abc import Iterator

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.experiments.gatys import data
from jaxgan.experiments.gatys.inference import restore_pixels
from jaxgan.experiments.gatys.objective import Objective, create_constants
from jaxgan.experiments.shared import style_weights, styles
from jaxgan.experiments.shared.criterion import create_criterion
from jaxgan.images import pixels
from jaxgan.metrics import style


def evaluate(run: workdir.Run) -> Iterator[tuple[str, float | str]]:
  """The image's weighted losses, by layer and in all, and others' measures."""
  config = run.config
  criterion = create_criterion(config.loss)
  photo = data.load(config.data.content, config.data.size)
  constants = create_constants(config, criterion, photo)
  picture = restore_pixels(run)
  yield "protocol", f"1 picture; {style.PROTOCOL}"
  found = jax.jit(Objective(criterion).losses)(picture, constants)
  losses = {name: float(np.mean(value)) for name, value in found.items()}
  yield from losses.items()
  for kind in ("content", "style"):
    terms = (value for name, value in losses.items() if name.startswith(kind))
    yield kind, sum(terms)
  paintings = styles.load(config.data.styles, size=config.data.style_size)
  weights = style_weights.weights(config.style, tuple(paintings), option="config.style")
  # What a style of negative weight is like is not asked for.
  pictures, weights = pixels.to_uint8(picture, 0), np.maximum(weights, 0)
  measures = style.measures(photo[None], pictures, list(paintings.values()), weights)
  for name, value in style.summary(measures):
    if not name.endswith("_interval"):  # There is one picture.
      yield name, value
