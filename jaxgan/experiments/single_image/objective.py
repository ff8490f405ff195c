"""How both players move: their learning rates, and the critic's loss."""

from collections.abc import Callable, Mapping
import math

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.engine import core
from jaxgan.losses import adversarial, gradient_penalty

Tree = core.Tree


def learning_rate(config: ml_collections.ConfigDict, moves: int) -> optax.Schedule:
  """Constant, then a tenth of it, from the iteration at `config.decay_at` of a stage.

  Args:
    config: the run's.
    moves: of the player in an iteration, which its optimizer counts.
  """
  milestone = math.ceil(config.decay_at * config.num_steps)
  return lambda count: (
    config.learning_rate * jnp.where(count // moves >= milestone, 0.1, 1.0)
  )


def player(
  config: ml_collections.ConfigDict,
  name: str,
  factors: Mapping[str, float] | None = None,
) -> core.Player:
  """A player that an iteration moves by hand, so that it has no loss of its own.

  Args:
    config: the run's.
    name: "generator" or "discriminator".
    factors: of the learning rate, for each part of the weights.
  """
  moves = config.moves[name]
  parts = [optax.scale_by_adam(b1=config.beta1, b2=0.999)]
  if factors:
    parts.append(
      optax.stateless(
        lambda updates, params: {
          part: jax.tree.map(lambda x, part=part: factors[part] * x, tree)
          for part, tree in updates.items()
        }
      )
    )
  parts.append(optax.scale_by_learning_rate(learning_rate(config, moves)))
  return core.Player(name, None, optax.chain(*parts), moves)


def critic_loss(
  judge: Callable[[Tree, jax.Array], jax.Array],
  params: Tree,
  real: jax.Array,
  fake: jax.Array,
  u: jax.Array,
  weight: float,
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
  """WGAN-GP with the penalty per pixel, and its two parts.

  Args:
    judge: weights and images [n, h, w, c] to scores [n, h', w', 1].
    params: its weights.
    real: [1, h, w, c].
    fake: [1, h, w, c].
    u: in [0, 1], where between the two the penalty is taken.
    weight: of the penalty.
  """
  scores = judge(params, jnp.concatenate([real, fake]))
  distance = adversarial.wasserstein_discriminator(scores[:1], scores[1:])
  penalty = gradient_penalty.per_pixel(
    judge, params, gradient_penalty.between(u, real, fake)
  )
  return distance + weight * penalty, (distance, penalty)


def move_critic(
  state: core.State, mover: core.Player, loss: Callable[[Tree, int], tuple]
) -> tuple[core.State, core.Scalars]:
  """All moves of the discriminator in an iteration.

  Args:
    state: before.
    mover: the discriminator.
    loss: its weights and the move's number to `critic_loss`'s result.
  """
  for move in range(mover.updates):
    grads, (distance, penalty) = jax.grad(
      lambda own, move=move: loss(own, move), has_aux=True
    )(state.params[mover.name])
    state = core.apply_gradient(state, mover, grads)
  return state, {
    "wasserstein": -distance,
    "gradient_penalty": penalty,
    "gradient_discriminator": optax.tree.norm(grads),
  }
