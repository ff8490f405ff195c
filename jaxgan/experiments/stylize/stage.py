"""The family's one stage: photographs, styles, step, pictures."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.data import batches
from jaxgan.engine import core
from jaxgan.experiments.stylize import evaluation, networks, objective, setup

Tree = Any


def show(
  goal: objective.Objective, state: core.State, batch: core.Batch
) -> dict[str, jax.Array]:
  """Photographs down, styles across, and what becomes of each pair."""
  photos, paintings = batch["photos"], batch["paintings"]
  rows, columns = len(photos), len(paintings)
  labels = jnp.tile(goal.first + jnp.arange(columns), rows)
  images = jnp.repeat(photos, columns, axis=0).astype(jnp.float32) / 255
  made = goal.net.apply({"params": networks.merge(state.params)}, images, labels)
  made = made.reshape(rows, columns, *made.shape[1:])
  corner = jnp.ones((1, *photos.shape[1:]))
  top = jnp.concatenate([corner, paintings.astype(jnp.float32) / 255])
  body = jnp.concatenate([photos[:, None].astype(jnp.float32) / 255, made], 1)
  table = jnp.concatenate([top[None], body])
  r, c, h, w, _ = table.shape
  sheet = table.swapaxes(1, 2).reshape(1, r * h, c * w, 3)
  return {"stylized": 2 * sheet - 1}


def _init_params(
  goal: objective.Objective, base: networks.Trained | None, key: jax.Array
) -> dict[str, Tree]:
  if base:
    return {
      networks.NETWORK: jax.tree.map(jnp.asarray, base.params),
      networks.ROWS: networks.new_rows(base.params, len(goal.names) - goal.first),
    }
  images = jnp.zeros((1, 16, 16, 3))
  return {networks.NETWORK: goal.net.init(key, images, jnp.zeros(1, int))["params"]}


def scalar_names(goal: objective.Objective) -> Sequence[str]:
  """Means over the steps, by what they are of."""
  return "loss", *goal.terms


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage, in which one player moves: the network, or the styles added to one.

  Raises:
    UserError: see `assembly.parts`.
  """
  goal, constants, photos, base = setup.parts(config)
  mover = networks.ROWS if base else networks.NETWORK
  player = core.Player(mover, goal, optax.adam(**config.optimizer))

  def init(key, previous):
    del previous  # There is only one stage.
    keys = jax.random.split(key)
    params = _init_params(goal, base, keys[0])
    return core.create_state(keys[1], params, [player], goal.init_extra())

  return [
    core.Stage(
      name=f"{len(goal.names)}_styles",
      num_steps=config.num_steps,
      init=init,
      update=core.alternate([player]),
      constants=constants,
      metrics=core.average_of(
        *scalar_names(goal),
        f"gradient_{mover}",
        latest=tuple(goal.scalar_names().values()),
      ),
      render=lambda state, batch: show(goal, state, batch),
      batches=batches.batches(
        photos, batch_size=config.data.batch_size, seed=config.seed
      ),
      evaluate=evaluation.in_training(
        goal, constants, photos.images[: config.evaluate.num], config.data.batch_size
      ),
      facts={"styles": list(goal.names)},
    )
  ]
