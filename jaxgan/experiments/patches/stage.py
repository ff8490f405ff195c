"""The family's one stage: a pass over the image's patches."""

import jax.numpy as jnp
import ml_collections

from jaxgan.data.digest import digest
from jaxgan.engine import core
from jaxgan.experiments.patches import data
from jaxgan.experiments.patches.inference import STATISTICS
from jaxgan.images import pixels
from jaxgan.ops import patches


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage of one step, which finds the directions in which patches differ most.

  Those of the finest scale serve all: patches of natural images are alike at any. The
  image itself, which is all that samples are made of, is a fact of the stage.

  Raises:
    UserError: see `data.load`.
  """
  image = data.load(config)
  size = config.patch**2 * image.shape[-1]

  def init(key, previous):
    del previous  # There is only one stage.
    basis = jnp.zeros((size, config.fast.directions))
    return core.create_state(key, {}, [], {STATISTICS: {"basis": basis}})

  def update(state, batch):
    basis, share = patches.principal(
      batch["image"], config.patch, config.fast.directions
    )
    state = state.replace(step=state.step + 1, extra={STATISTICS: {"basis": basis}})
    return state, {"explained": share}

  return [
    core.Stage(
      name="x".join(map(str, image.shape[:2])),
      num_steps=config.num_steps,
      init=init,
      update=update,
      constants={"image": pixels.to_floats(image)},
      metrics=core.average_of("explained"),
      render=lambda state, batch: {"real": batch["image"][None]},
      facts={"image": image},
      data=digest([image]),
    )
  ]
