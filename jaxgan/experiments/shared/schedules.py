"""Learning rates that change in the course of a training."""

import jax.numpy as jnp
import optax


def step_decay(
  learning_rate: float,
  milestone: int,
  *,
  updates_per_step: int = 1,
  factor: float = 0.1,
) -> optax.Schedule:
  """Constant, then `factor` times that from a step of the training on.

  Args:
    learning_rate: before the milestone.
    milestone: the first step with the other rate, counted from 0.
    updates_per_step: of the player; its optimizer counts updates, not steps.
    factor: of the rate, from the milestone on.
  """
  return lambda count: (
    learning_rate * jnp.where(count // updates_per_step >= milestone, factor, 1.0)
  )


def linear_decay(learning_rate: float, first: int, stop: int) -> optax.Schedule:
  """Constant before the step `first`, then falling in a line to 0 at the step `stop`.

  Steps are the optimizer's updates, counted from 0.
  """
  return lambda count: (
    learning_rate * jnp.clip((stop - count) / max(stop - first, 1), 0.0, 1.0)
  )
