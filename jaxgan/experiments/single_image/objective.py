"""What both networks minimize: WGAN-GP with a penalty per pixel, and reconstruction."""

from collections.abc import Callable, Mapping, Sequence
import dataclasses
import math

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.engine import core
from jaxgan.experiments.shared import schedules
from jaxgan.losses import adversarial, gradient_penalty

Tree = core.Tree
Critic = Callable[[Tree, jax.Array], jax.Array]  # Weights and images to scores.


@dataclasses.dataclass(frozen=True)
class Objective:
  """The weights of the losses, and the optimizers.

  Attributes:
    gradient_penalty: weight of the penalty on the critic's gradient.
    reconstruction: weight of the reconstruction's mean squared error.
    discriminator: the critic's optimizer and updates per step.
    generator: the generator's. The trainers compute its gradient.
  """

  gradient_penalty: float
  reconstruction: float
  discriminator: core.Player
  generator: core.Player

  def critic_loss(
    self, params: Tree, critic: Critic, real: jax.Array, fake: jax.Array, u: jax.Array
  ) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    """The critic's loss, and its two parts: E[fake] - E[real] and the penalty.

    Args:
      params: the critic's weights.
      critic: weights and images [n, h, w, c] to scores [n, h', w', 1].
      real: [1, h, w, c].
      fake: [1, h, w, c].
      u: in [0, 1], where between the two the penalty is taken.
    """
    scores = critic(params, jnp.concatenate([real, fake]))
    distance = adversarial.wasserstein_discriminator(scores[:1], scores[1:])
    penalty = gradient_penalty.per_pixel(
      critic, params, adversarial.between(u, real, fake)
    )
    return distance + self.gradient_penalty * penalty, (distance, penalty)

  def update_critic(
    self,
    state: core.State,
    critic: Critic,
    real: jax.Array,
    fakes: Sequence[jax.Array],
    u: jax.Array,
  ) -> tuple[core.State, core.Scalars]:
    """All updates of the critic in a step.

    Args:
      state: before.
      critic: see `critic_loss`.
      real: [1, h, w, c].
      fakes: [1, h, w, c] for each update.
      u: [updates]; see `critic_loss`.
    """
    for i, fake in enumerate(fakes):
      grads, (distance, penalty) = jax.grad(self.critic_loss, has_aux=True)(
        state.params["discriminator"], critic, real, fake, u[i]
      )
      state = core.apply_gradient(state, self.discriminator, grads)
    return state, {
      "wasserstein": -distance,
      "gradient_penalty": penalty,
      "gradient_discriminator": optax.tree.norm(grads),
    }


def create_objective(
  config: ml_collections.ConfigDict, shares: Mapping[str, float] | None = None
) -> Objective:
  """The objective that a config describes.

  Args:
    config: the run's.
    shares: of the learning rate, for each part of the generator's weights; None for
      all of it everywhere.
  """
  return Objective(
    config.gradient_penalty,
    config.reconstruction,
    _player(config, "discriminator"),
    _player(config, "generator", shares),
  )


def _player(
  config: ml_collections.ConfigDict,
  name: str,
  shares: Mapping[str, float] | None = None,
) -> core.Player:
  """A player with Adam; a trainer computes its gradients, so it has no loss here."""
  updates = config.updates_per_step[name]
  rate = schedules.step_decay(
    config.optimizer.learning_rate,
    math.ceil(config.decay_at * config.num_steps),
    updates_per_step=updates,
  )
  steps = [optax.scale_by_adam(b1=config.optimizer.b1, b2=config.optimizer.b2)]
  if config.optimizer.clip:
    # Late in a stage gradients, and with them Adam's second moments, are small. Then a
    # single large one makes a step of up to 16 rates, which can undo what was learned.
    steps.append(optax.clip_by_block_rms(config.optimizer.clip))
  if shares:
    steps.append(optax.stateless(lambda updates, params: _scaled(updates, shares)))
  return core.Player(
    name, None, optax.chain(*steps, optax.scale_by_learning_rate(rate)), updates
  )


def _scaled(updates: Mapping[str, Tree], shares: Mapping[str, float]) -> Tree:
  """Each part of a tree times its share."""
  return {
    name: jax.tree.map(lambda x, share=shares[name]: share * x, tree)
    for name, tree in updates.items()
  }
