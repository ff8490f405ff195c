"""The family's one stage, whose player's weights are the pixels."""

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np
import optax

from jaxgan.data.digest import digest
from jaxgan.engine import core
from jaxgan.experiments.gatys import data
from jaxgan.experiments.gatys.objective import PICTURE, Objective, create_constants
from jaxgan.experiments.shared.criterion import create_criterion

OPTIMIZERS, STARTS = ("adam", "lbfgs"), ("content", "noise")


def create_optimizer(
  options: ml_collections.ConfigDict,
) -> optax.GradientTransformation:
  """Adam, at 0.02 unless a rate is given, or L-BFGS, which then searches its steps."""
  if options.name == "adam":
    return optax.adam(options.learning_rate or 0.02)
  return optax.lbfgs(options.learning_rate or None, memory_size=options.memory)


def initial_pixels(start: str, photo: np.ndarray, key: jax.Array) -> jax.Array:
  """Pixels [1, h, w, 3] to begin with: the photograph, or noise around gray."""
  if start == "content":
    return jnp.asarray(photo[None] / np.float32(255))
  noise = jax.random.normal(key, (1, *photo.shape))
  return jnp.clip(0.5 + 0.1 * noise, 0, 1)


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage, in which the pixels are optimized and stay within [0, 1].

  Raises:
    UserError: see `data.load` and `create_constants`.
  """
  photo = data.load(config.data.content, config.data.size)
  criterion = create_criterion(config.loss)
  player = core.Player(
    PICTURE, Objective(criterion), create_optimizer(config.optimizer)
  )
  optimize = core.alternate([player])

  def init(key, previous):
    del previous  # There is only one stage.
    keys = jax.random.split(key)
    pixels = initial_pixels(config.start, photo, keys[0])
    return core.create_state(keys[1], {PICTURE: {"pixels": pixels}}, [player])

  def update(state, batch):
    state, scalars = optimize(state, batch)
    pixels = jnp.clip(state.params[PICTURE]["pixels"], 0, 1)
    return state.replace(params={PICTURE: {"pixels": pixels}}), scalars

  return [
    core.Stage(
      name="x".join(map(str, photo.shape[:2])),
      num_steps=config.num_steps,
      init=init,
      update=update,
      constants=create_constants(config, criterion, photo),
      metrics=core.average_of("loss", *criterion.terms, f"gradient_{PICTURE}"),
      data=digest([photo]),
      render=lambda state, batch: {PICTURE: 2 * state.params[PICTURE]["pixels"] - 1},
    )
  ]
