"""From a config to what training and evaluation share: data, loss, targets."""

from typing import Any, NamedTuple

import jax
import ml_collections
import numpy as np

from jaxgan.data import packed
from jaxgan.errors import UserError
from jaxgan.experiments.shared import criterion as criterion_lib
from jaxgan.experiments.shared import styles
from jaxgan.experiments.stylize import data, networks, objective
from jaxgan.images import reader

Tree = Any
PHOTOS, SHOWN = 3, 6  # Rows of the picture, and styles at most.


class Parts(NamedTuple):
  """What a config's stage is made of."""

  goal: objective.Objective
  constants: dict[str, Tree]
  photos: packed.Packed
  base: networks.Trained | None


def parts(config: ml_collections.ConfigDict) -> Parts:
  """Reads photographs, styles and VGG16, and the network to extend if any.

  Raises:
    UserError: see `content.load`, `styles.load`, `criterion` and `restore_base`.
  """
  base = networks.restore_base(config)
  photos = data.load(config)
  paintings = styles.load(config.data.styles, size=config.data.style_size)
  old = base.names if base else ()
  if common := set(old) & set(paintings):
    raise UserError(
      f"config.data.styles: {config.extend.workdir} knows "
      f"{', '.join(sorted(common))} already: leave out or rename."
    )
  names = (*old, *paintings)
  criterion = criterion_lib.criterion(config)
  goal = objective.Objective(
    networks.build(config, len(names)), criterion, names, len(old), config.data.flip
  )
  return Parts(goal, _constants(config, goal, paintings, photos), photos, base)


def _constants(config, goal, paintings, photos) -> dict[str, Tree]:
  """What the step needs and never changes; targets of old styles are not needed."""
  weights = goal.criterion.weights(config.vgg)
  new = goal.criterion.grams(weights, list(paintings.values()))
  scales = objective.scales(
    new,
    tuple(paintings),
    balance=config.loss.balance,
    coefficients=config.loss.coefficients,
  )
  # Labels count from the first style of all, so the trained ones come after gaps.
  shift = lambda x: np.concatenate([np.zeros((goal.first, *x.shape[1:]), x.dtype), x])
  size = (config.data.size,) * 2
  return {
    "vgg": weights,
    "grams": jax.tree.map(shift, new),
    "scales": jax.tree.map(shift, scales),
    "photos": np.asarray(photos.images[:PHOTOS]),
    "paintings": np.stack(
      [
        reader.fit(reader.read(x, channels=3), size)
        for x in list(paintings.values())[:SHOWN]
      ]
    ),
  }
