"""The family's one stage: data, step, pictures, evaluation."""

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.engine import core
from jaxgan.experiments.siamese import data as data_lib
from jaxgan.experiments.siamese import evaluation
from jaxgan.experiments.siamese import networks as networks_lib
from jaxgan.experiments.siamese import objective as objective_lib

STRIPS = 8  # Windows in the picture of a run.


def players(
  config: ml_collections.ConfigDict, goal: objective_lib.Objective
) -> list[core.Player]:
  """Both players with their optimizers, the discriminator first."""

  def part(batch, move):  # Interleaved, so that every device keeps its own rows.
    return batch | {
      name: batch[name].reshape(-1, config.n_critic, *batch[name].shape[1:])[:, move]
      for name in "ab"
    }

  updates = {"discriminator": config.n_critic, "generator": 1}
  return [
    core.Player(
      name, getattr(goal, name), optax.adam(**config.optimizer[name]), times, part
    )
    for name, times in updates.items()
  ]


def make_update(
  config: ml_collections.ConfigDict, goal: objective_lib.Objective
) -> core.Update:
  """The step: the discriminator moves, then the generator, then its average."""
  return core.average(
    core.alternate(players(config, goal)),
    lambda state: {"params": state.params["generator"], **state.extra["generator"]},
    config.ema,
  )


def init_state(
  key: jax.Array, goal: objective_lib.Objective, moving: list[core.Player]
) -> core.State:
  """Weights, statistics and the average."""
  keys, nets = jax.random.split(key, 3), goal.nets
  seen = nets.tile * (2 if goal.combo else 1)
  variables = {
    "discriminator": nets.discriminator.init(keys[0], jnp.zeros((1, seen, seen, 3))),
    "generator": nets.generator.init(
      keys[1], jnp.zeros((1, nets.tile, nets.tile, 3)), train=False
    ),
  }
  extra = {
    name: {k: v for k, v in tree.items() if k != "params"}
    for name, tree in variables.items()
  }
  extra |= {"ema": variables["generator"]}
  params = {name: tree["params"] for name, tree in variables.items()}
  return core.create_state(keys[2], params, moving, extra)


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage: both networks at the full size.

  Raises:
    UserError: see `data.load`, `networks` and `objective`.
  """
  nets = networks_lib.networks(config)
  goal = objective_lib.objective(config, nets)
  domains = data_lib.load(config)
  moving = players(config, goal)
  side = 2 * nets.tile

  def render(state, batch):
    a, b = (
      batch[name].astype(jnp.float32) / 127.5 - 1 for name in ("shown_a", "shown_b")
    )
    return {
      "strip": jnp.concatenate(
        (a, nets.infer_windows(state.extra["ema"], a), b), axis=2
      )
    }

  return [
    core.Stage(
      name=f"{side}x{side}",
      num_steps=config.num_steps,
      init=lambda key, previous: init_state(key, goal, moving),
      update=make_update(config, goal),
      metrics=core.average_of(*objective_lib.SCALARS),
      render=render,
      batches=data_lib.batches(config, domains),
      remarks=goal.remarks,
      constants={
        "shown_a": data_lib.windows(domains.judged, STRIPS, side),
        "shown_b": data_lib.windows(domains.b, STRIPS, side),
      },
      evaluate=evaluation.in_training(config, nets, domains),
    )
  ]
