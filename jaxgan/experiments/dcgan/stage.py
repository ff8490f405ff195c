"""The family's one stage: data, step, images for the log, evaluation."""

from collections.abc import Iterator, Mapping, Sequence
import functools

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.data import batches
from jaxgan.data.digest import digest
from jaxgan.engine import core
from jaxgan.experiments.dcgan import data, evaluation, learning_rate_rule, warm_start
from jaxgan.experiments.dcgan.networks import Networks, create_networks, image_size
from jaxgan.experiments.dcgan.objective import Objective, create_objective
from jaxgan.experiments.shared import players, schedules
from jaxgan.images import pixels

SHEET = 64  # Images made from the fixed latents for the log.
REALS = 16  # Real images beside them.
SCALARS = (
  "loss_discriminator",
  "loss_generator",
  "probability_real",
  "probability_fake",
  "gradient_discriminator",
  "gradient_generator",
)
RATE = learning_rate_rule.SCALAR


def create_optimizer(
  config: ml_collections.ConfigDict, player: str
) -> optax.GradientTransformation:
  """Adam, at a constant rate, one that falls to 0, or one that the rule changes."""
  options = dict(config.optimizer[player])
  if config.optimizer.rule and player == "discriminator":
    return optax.inject_hyperparams(optax.adam, static_args=("b1", "b2"))(**options)
  if config.optimizer.decay_end:
    updates = config.updates_per_step[player]  # What an optimizer counts.
    options["learning_rate"] = schedules.linear_decay(
      options["learning_rate"],
      config.optimizer.decay_begin * updates,
      config.optimizer.decay_end * updates,
    )
  return optax.adam(**options)


def create_players(
  config: ml_collections.ConfigDict, objective: Objective
) -> list[core.Player]:
  """Both players with their optimizers, the discriminator first."""
  return players.create_players(
    objective,
    {name: create_optimizer(config, name) for name in players.NAMES},
    config.updates_per_step,
    streamed=("image", *objective.attributes),
    accumulate=config.data.accumulate,
  )


def make_update(
  config: ml_collections.ConfigDict, pair: Sequence[core.Player], steps_per_epoch: int
) -> core.Update:
  """The step: both players in turn, the learning-rate rule, the average.

  Args:
    config: `optimizer` and `ema` are read.
    pair: both players.
    steps_per_epoch: how many steps pass over the data once.
  """
  update = core.alternate(pair)
  if config.optimizer.rule:
    update = learning_rate_rule.apply(
      update, steps_per_epoch, config.optimizer.discriminator.learning_rate
    )
  return players.average_generator(update, config.ema)


def init_state(
  key: jax.Array,
  nets: Networks,
  shape: tuple[int, ...],
  pair: Sequence[core.Player],
  frequencies: Mapping[str, list[float]],
  rule: bool,
  base: warm_start.Base | None = None,
) -> core.State:
  """The state at step 0, with the fixed latents of the log's images.

  Args:
    key: of all that is random.
    nets: the networks.
    shape: of an image.
    pair: both players.
    frequencies: see `data.frequencies_of`.
    rule: whether the learning-rate rule is used.
    base: another run's weights to start from.
  """
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
  if base:
    variables = warm_start.merge(variables, base)
  fixed, fixed_key = {"latents": nets.draw(keys[3], SHEET)}, keys[3]
  for i, (name, values) in enumerate(frequencies.items()):
    fixed_key = jax.random.fold_in(fixed_key, i + 1)
    fixed[name] = jax.random.choice(
      fixed_key, len(values), (SHEET,), p=jnp.asarray(values)
    ).astype(jnp.int32)
  extra = {"fixed": fixed}
  if rule:
    extra[learning_rate_rule.NAME] = learning_rate_rule.init()
  return players.create_state(keys[4], variables, pair, extra)


def remarks(
  expect: str, before: dict[str, float], now: dict[str, float]
) -> Iterator[str]:
  """What to expect, at first; and when the rule changes the learning rate."""
  if expect and not before:
    yield f"expect {expect}"
  if RATE in before and before[RATE] != now[RATE]:
    yield f"{RATE} {before[RATE]:.3g} -> {now[RATE]:.3g}"


def render(
  nets: Networks, state: core.State, batch: core.Batch
) -> dict[str, jax.Array]:
  """Images of the fixed latents by the averaged generator, and some real ones."""
  fixed = dict(state.extra["fixed"])
  fake = nets.generator.apply(
    state.extra["ema"], fixed.pop("latents"), fixed, train=False
  )
  return {"fake": fake, "real": pixels.to_floats(batch["image"][:REALS])}


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage: both networks at the full size.

  Args:
    config: checked; see `checks.check`.

  Raises:
    UserError: see `data.load`.
  """
  train, held_out = data.load(config)
  nets = create_networks(config, train.classes)
  base = warm_start.load(config, train.classes)
  pair = create_players(config, create_objective(config, nets, train.classes))
  frequencies = data.frequencies_of(train)
  batch_size = config.data.batch_size * config.updates_per_step.discriminator
  shape, rule = (*image_size(config), config.data.channels), bool(config.optimizer.rule)

  def init(key, previous):
    del previous  # There is only one stage.
    return init_state(key, nets, shape, pair, frequencies, rule, base)

  return [
    core.Stage(
      name=f"{shape[0]}x{shape[1]}",
      num_steps=config.num_steps,
      init=init,
      update=make_update(config, pair, max(len(train) // batch_size, 1)),
      metrics=core.average_of(*SCALARS, latest=(RATE,) if rule else ()),
      render=lambda state, batch: render(nets, state, batch),
      remarks=functools.partial(remarks, config.expect),
      evaluate=evaluation.in_training(
        config, nets, held_out if len(held_out) else train, frequencies
      ),
      batches=batches.batches(train, batch_size=batch_size, seed=config.seed),
      data=digest(train.images),
      facts={
        "quality": data.quality_of(train),
        "classes": {name: list(values) for name, values in train.classes.items()},
        "frequencies": frequencies,
      },
    )
  ]
