"""The family's one stage: data, step, images for the log, evaluation."""

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.data.digest import digest
from jaxgan.engine import core
from jaxgan.experiments.shared import schedules, unpaired
from jaxgan.experiments.translation import data, evaluation
from jaxgan.experiments.translation.methods import Method, create_method
from jaxgan.images import pixels

STRIPS = 8  # Windows in the image for the log.


def create_optimizer(config: ml_collections.ConfigDict) -> optax.GradientTransformation:
  """Adam whose rate falls to 0 from a share `decay_start` of all steps on."""
  options = dict(config.optimizer)
  rate, start = options.pop("learning_rate"), options.pop("decay_start")
  steps = config.num_steps
  return optax.adam(schedules.linear_decay(rate, int(start * steps), steps), **options)


def make_update(config: ml_collections.ConfigDict, method: Method) -> core.Update:
  """The step of all players, then the average of the generators."""
  return core.average(
    core.alternate(method.players(create_optimizer(config))),
    lambda state: method.translators(state.params),
    config.ema,
  )


def init_state(
  config: ml_collections.ConfigDict, method: Method, key: jax.Array
) -> core.State:
  """The state at step 0; the average is in `extra["ema"]`, by direction."""
  keys = jax.random.split(key)
  params, extra = method.init(keys[0])
  players = method.players(create_optimizer(config))
  extra = {"ema": method.translators(params), **extra}
  return core.create_state(keys[1], params, players, extra)


def render(
  method: Method, state: core.State, batch: core.Batch
) -> dict[str, jax.Array]:
  """Windows of A, their translations, windows of B, and theirs where there are any."""
  columns = []
  for domain, direction in (("a", "ab"), ("b", "ba")):
    images = pixels.to_floats(batch[f"shown_{domain}"])
    columns.append(images)
    if direction in method.DIRECTIONS:
      columns.append(method.nets.translate(state.extra["ema"][direction], images))
  return {"strip": jnp.concatenate(columns, axis=2)}


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage: all networks at the full size.

  Args:
    config: checked; see `checks.check`.

  Raises:
    UserError: see `data.load`.
  """
  method, domains, side = create_method(config), data.load(config), config.data.size
  return [
    core.Stage(
      name=f"{side}x{side}",
      num_steps=config.num_steps,
      init=lambda key, previous: init_state(config, method, key),
      update=make_update(config, method),
      metrics=core.average_of(*method.SCALARS),
      render=lambda state, batch: render(method, state, batch),
      batches=data.batches(config, domains),
      data=digest(domains.a, domains.b),
      remarks=method.remarks,
      constants={
        "shown_a": unpaired.windows(domains.evaluated, STRIPS, side),
        "shown_b": unpaired.windows(domains.b, STRIPS, side),
      },
      evaluate=evaluation.in_training(config, method, domains),
    )
  ]
