"""The family's one stage: data, step, pictures, evaluation."""

from collections.abc import Iterator, Mapping

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.data import batches
from jaxgan.engine import core
from jaxgan.errors import UserError, nearest
from jaxgan.experiments.dcgan import data as data_lib
from jaxgan.experiments.dcgan import evaluation, learning_rate_rule
from jaxgan.experiments.dcgan import networks as networks_lib
from jaxgan.experiments.dcgan import objective as objective_lib

PLAYERS = ("discriminator", "generator")
GRID = 64  # Images in a picture of the fixed latents.
REALS = 16  # Real images in the picture beside it.


def players(
  config: ml_collections.ConfigDict, goal: objective_lib.Objective
) -> list[core.Player]:
  """Both players with their optimizers, the discriminator first."""
  num_parts = config.optimizer.discriminator.repeats

  def part(batch, move):  # Interleaved, so that every device keeps its own rows.
    streamed = ("image", *goal.attributes)
    return batch | {
      name: batch[name].reshape(-1, num_parts, *batch[name].shape[1:])[
        :, move % num_parts
      ]
      for name in streamed
    }

  result = []
  for name in PLAYERS:
    options = dict(config.optimizer[name])
    repeats = options.pop("repeats")
    adam = optax.adam
    if name == "discriminator" and config.optimizer.rule:
      adam = optax.inject_hyperparams(optax.adam, static_args=("b1", "b2"))
    result.append(
      core.Player(name, getattr(goal, name), adam(**options), repeats, part)
    )
  return result


def make_update(
  config: ml_collections.ConfigDict, goal: objective_lib.Objective, steps_per_epoch: int
) -> core.Update:
  """The step: how the players move, the learning-rate rule, the average."""
  moving = players(config, goal)
  if config.moves == "simultaneous":
    if any(player.repeats > 1 for player in moving):
      raise UserError(
        "config.moves = 'simultaneous' moves each player once: set "
        "config.optimizer.*.repeats to 1."
      )
    update = core.simultaneous(moving, goal.both)
  elif config.moves == "alternate":
    update = core.alternate(moving)
  else:
    raise UserError(
      f"config.moves = {config.moves!r} is not known: "
      f"{nearest(config.moves, ('alternate', 'simultaneous'))}"
    )
  if config.optimizer.rule:
    update = learning_rate_rule.apply(
      update, steps_per_epoch, config.optimizer.discriminator.learning_rate
    )
  return core.average(
    update,
    lambda state: {"params": state.params["generator"], **state.extra["generator"]},
    config.ema,
  )


def init_state(
  key: jax.Array,
  nets: networks_lib.Networks,
  shape: tuple[int, ...],
  moving: list[core.Player],
  frequencies: Mapping[str, list[float]],
  rule: bool,
) -> core.State:
  """Weights, statistics, the average, and the fixed latents of the pictures."""
  keys = jax.random.split(key, 5)
  labels = {name: jnp.zeros(1, jnp.int32) for name in frequencies}
  variables = {
    "generator": nets.generator.init(
      keys[0], nets.draw(keys[1], 1), labels, train=False
    ),
    "discriminator": nets.discriminator.init(
      keys[2], jnp.zeros((1, *shape)), labels, train=False
    ),
  }
  extra = {
    name: {k: v for k, v in tree.items() if k != "params"}
    for name, tree in variables.items()
  }
  fixed = {"latents": nets.draw(keys[3], GRID)}
  for name, values in frequencies.items():
    keys = keys.at[3].set(jax.random.fold_in(keys[3], len(fixed)))
    fixed[name] = jax.random.choice(
      keys[3], len(values), (GRID,), p=jnp.asarray(values)
    ).astype(jnp.int32)
  extra |= {"ema": variables["generator"], "fixed": fixed}
  if rule:
    extra |= {learning_rate_rule.NAME: learning_rate_rule.init()}
  params = {name: tree["params"] for name, tree in variables.items()}
  return core.create_state(keys[4], params, moving, extra)


def remarks(before: dict[str, float], now: dict[str, float]) -> Iterator[str]:
  """A line when the rule changes the discriminator's learning rate."""
  name = "learning_rate_discriminator"
  if name in before and before[name] != now[name]:
    yield f"{name} {before[name]:.3g} -> {now[name]:.3g}"


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage: both networks at the full size.

  Raises:
    UserError: see `data.load`, `objective` and `make_update`.
  """
  train, held_out = data_lib.load(config)
  nets = networks_lib.networks(config, train.classes)
  goal = objective_lib.objective(config, nets, train.classes)
  frequencies = data_lib.frequencies_of(train)
  batch_size = config.data.batch_size * config.optimizer.discriminator.repeats
  update = make_update(config, goal, max(len(train) // batch_size, 1))
  shape = (*networks_lib.size(config), config.data.channels)

  def init(key, previous):
    del previous  # There is only one stage.
    return init_state(
      key, nets, shape, players(config, goal), frequencies, bool(config.optimizer.rule)
    )

  def measured(state, batch):
    state, scalars = update(state, batch)
    if config.optimizer.rule:
      scalars |= {
        "learning_rate_discriminator": state.opt["discriminator"].hyperparams[
          "learning_rate"
        ]
      }
    return state, scalars

  def render(state, batch):
    fixed = dict(state.extra["fixed"])
    fake = nets.generator.apply(
      state.extra["ema"], fixed.pop("latents"), fixed, train=False
    )
    return {
      "fake": fake,
      "real": batch["image"][:REALS].astype(jnp.float32) / 127.5 - 1,
    }

  rates = ("learning_rate_discriminator",) if config.optimizer.rule else ()
  return [
    core.Stage(
      name=f"{shape[0]}x{shape[1]}",
      num_steps=config.num_steps,
      init=init,
      update=measured,
      metrics=core.average_of(
        "loss_discriminator",
        "loss_generator",
        "probability_real",
        "probability_fake",
        "gradient_discriminator",
        "gradient_generator",
        latest=rates,
      ),
      render=render,
      remarks=remarks,
      evaluate=evaluation.in_training(
        config, nets, held_out if len(held_out) else train, frequencies
      ),
      batches=batches.batches(train, batch_size=batch_size, seed=config.seed),
      facts={
        "quality": data_lib.quality_of(train),
        "classes": {name: list(values) for name, values in train.classes.items()},
        "frequencies": frequencies,
      },
    )
  ]
