"""The family's one stage: data, step, images for the log, evaluation."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.data.digest import digest
from jaxgan.engine import core
from jaxgan.experiments.shared import players, unpaired
from jaxgan.experiments.siamese import data, evaluation
from jaxgan.experiments.siamese.networks import Networks, create_networks
from jaxgan.experiments.siamese.objective import SCALARS, Objective, create_objective
from jaxgan.images import pixels

STRIPS = 8  # Windows in the image for the log.


def create_players(
  config: ml_collections.ConfigDict, objective: Objective
) -> list[core.Player]:
  """Both players with their optimizers, the discriminator first."""
  return players.create_players(
    objective,
    {name: optax.adam(**config.optimizer[name]) for name in players.NAMES},
    config.updates_per_step,
    streamed=("a", "b"),
  )


def make_update(
  config: ml_collections.ConfigDict, pair: Sequence[core.Player]
) -> core.Update:
  """The step: both players in turn, then the average of the generator."""
  return players.average_generator(core.alternate(pair), config.ema)


def init_state(
  key: jax.Array, objective: Objective, pair: Sequence[core.Player]
) -> core.State:
  """The state at step 0."""
  keys, nets = jax.random.split(key, 3), objective.nets
  side = nets.tile * (2 if objective.combo else 1)
  variables = {
    "discriminator": nets.discriminator.init(keys[0], jnp.zeros((1, side, side, 3))),
    "generator": nets.generator.init(
      keys[1], jnp.zeros((1, nets.tile, nets.tile, 3)), train=False
    ),
  }
  return players.create_state(keys[2], variables, pair)


def render(
  nets: Networks, state: core.State, batch: core.Batch
) -> dict[str, jax.Array]:
  """Windows of A, their translations, and windows of B side by side."""
  a, b = (pixels.to_floats(batch[name]) for name in ("shown_a", "shown_b"))
  translated = nets.infer_windows(state.extra["ema"], a)
  return {"strip": jnp.concatenate((a, translated, b), axis=2)}


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage: both networks at the full size.

  Args:
    config: checked; see `checks.check`.

  Raises:
    UserError: see `data.load`.
  """
  nets = create_networks(config)
  objective = create_objective(config, nets)
  domains = data.load(config)
  pair = create_players(config, objective)
  side = 2 * nets.tile
  return [
    core.Stage(
      name=f"{side}x{side}",
      num_steps=config.num_steps,
      init=lambda key, previous: init_state(key, objective, pair),
      update=make_update(config, pair),
      metrics=core.average_of(*SCALARS),
      render=lambda state, batch: render(nets, state, batch),
      batches=data.batches(config, domains),
      data=digest(domains.a, domains.b),
      remarks=objective.remarks,
      constants={
        "shown_a": unpaired.windows(domains.evaluated, STRIPS, side),
        "shown_b": unpaired.windows(domains.b, STRIPS, side),
      },
      evaluate=evaluation.in_training(config, nets, domains),
    )
  ]
