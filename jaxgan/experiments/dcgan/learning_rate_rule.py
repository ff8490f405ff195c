"""The published rule that slows down a discriminator that has become too strong.

The anime-face experiments watched the curves: where the discriminator converged too
fast or the losses jumped, its learning rate was lowered, to delay collapse. They state
no thresholds; those here are ours. The discriminator's loss under 0.5, the generator's
over 5, or either more than three standard deviations from its mean over five epochs,
all through one epoch, halves the rate: at most once in five epochs, down to 1/16.
"""

import jax
import jax.numpy as jnp

from jaxgan.engine import core

LOW, HIGH, SIGMAS = 0.5, 5.0, 3.0
PATIENCE, FLOOR = 5, 1 / 16
LOSSES = ("loss_discriminator", "loss_generator")
NAME = "learning_rate_rule"
SCALAR = "learning_rate_discriminator"


def init() -> dict[str, jax.Array]:
  """The rule's memory at step 0, for `State.extra[NAME]`.

  "recent", "mean" and "square" are averages of both losses and of their squares; "held"
  counts the steps for which a condition has been true, "rested" those since the last
  change; "factor" is that of the learning rate.
  """
  zero, two = jnp.zeros(()), jnp.zeros((2,))
  return {
    "recent": two,
    "mean": two,
    "square": two,
    "held": zero,
    "rested": zero,
    "factor": jnp.ones(()),
  }


def apply(
  update: core.Update, steps_per_epoch: int, learning_rate: float
) -> core.Update:
  """Wraps an update whose discriminator's optimizer has an injected learning rate.

  Args:
    update: its scalars hold both losses.
    steps_per_epoch: how many steps pass over the data once.
    learning_rate: the discriminator's, before any change.

  Returns:
    The update with the rule; its scalars hold the discriminator's learning rate too.
  """

  def wrapped(state, batch):
    state, scalars = update(state, batch)
    losses = jnp.stack([scalars[name] for name in LOSSES])
    memory = follow(state.extra[NAME], losses, state.step, steps_per_epoch)
    opt = state.opt["discriminator"]
    rate = jnp.asarray(learning_rate * memory["factor"], jnp.float32)
    opt = opt._replace(hyperparams=opt.hyperparams | {"learning_rate": rate})
    return state.replace(
      opt=state.opt | {"discriminator": opt}, extra=state.extra | {NAME: memory}
    ), scalars | {SCALAR: rate}

  return wrapped


def follow(
  memory: dict[str, jax.Array], losses: jax.Array, step: jax.Array, steps_per_epoch: int
) -> dict[str, jax.Array]:
  """The rule's memory after one step.

  Args:
    memory: see `init`.
    losses: discriminator's and generator's [2].
    step: steps finished, this one included.
    steps_per_epoch: how many steps pass over the data once.
  """

  def track(old, new, window):  # A plain mean until the window is full.
    return old + (new - old) / jnp.minimum(step, window)

  window = PATIENCE * steps_per_epoch
  recent = track(memory["recent"], losses, max(steps_per_epoch // 10, 1))
  mean = track(memory["mean"], losses, window)
  square = track(memory["square"], losses**2, window)
  deviation = jnp.sqrt(jnp.maximum(square - mean**2, 0))
  jumped = (step >= window) & jnp.any(jnp.abs(recent - mean) > SIGMAS * deviation)
  strong = (recent[0] < LOW) | (recent[1] > HIGH) | jumped
  held = jnp.where(strong, memory["held"] + 1, 0)
  rested = memory["rested"] + 1
  lower = (held >= steps_per_epoch) & (rested >= window) & (memory["factor"] > FLOOR)
  return {
    "recent": recent,
    "mean": mean,
    "square": square,
    "held": jnp.where(lower, 0, held),
    "rested": jnp.where(lower, 0, rested),
    "factor": jnp.where(lower, memory["factor"] / 2, memory["factor"]),
  }
