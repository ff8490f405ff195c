"""Adversarial losses: pure functions of logits, each a scalar mean over the batch.

Each comes as a pair, the discriminator's loss and the generator's. Both take `(real,
fake)`, logits of any shape; a generator's loss ignores `real` unless it is
relativistic. `PAIRS` holds them by name.
"""

from collections.abc import Callable
from typing import NamedTuple

from flax import linen as nn
import jax
import jax.numpy as jnp

Critic = Callable[[jax.Array], jax.Array]


class Pair(NamedTuple):
  """The two halves of an adversarial loss."""

  discriminator: Callable[[jax.Array, jax.Array], jax.Array]
  generator: Callable[[jax.Array, jax.Array], jax.Array]


def cross_entropy(logits: jax.Array, target: jax.Array | float) -> jax.Array:
  """Mean binary cross-entropy of logits against targets in [0, 1], in nats."""
  return jnp.mean(nn.softplus(logits) - logits * target)


def non_saturating_discriminator(
  real: jax.Array,
  fake: jax.Array,
  *,
  smoothing: float = 0.0,
  flipped: jax.Array | None = None,
) -> jax.Array:
  """-E[log sigmoid(real)] - E[log(1 - sigmoid(fake))] (Goodfellow et al., 2014).

  Args:
    real: logits of real images [n].
    fake: logits of generated images [n].
    smoothing: the real target is 1 - smoothing. The fake target stays 0, since
      smoothing it would reward the generator for not changing (Salimans et al., 2016,
      section 3.4).
    flipped: bool [n], pairs of images whose targets are exchanged.
  """
  real_target = jnp.full_like(real, 1.0 - smoothing)
  fake_target = jnp.zeros_like(fake)
  if flipped is not None:
    real_target, fake_target = (
      jnp.where(flipped, fake_target, real_target),
      jnp.where(flipped, real_target, fake_target),
    )
  return cross_entropy(real, real_target) + cross_entropy(fake, fake_target)


def non_saturating_generator(real: jax.Array, fake: jax.Array) -> jax.Array:
  """-E[log sigmoid(fake)] (Goodfellow et al., 2014, section 3)."""
  del real
  return cross_entropy(fake, 1.0)


def hinge_discriminator(real: jax.Array, fake: jax.Array) -> jax.Array:
  """E[relu(1 - real)] + E[relu(1 + fake)] (Lim and Ye, 2017)."""
  return jnp.mean(nn.relu(1 - real)) + jnp.mean(nn.relu(1 + fake))


def wasserstein_discriminator(real: jax.Array, fake: jax.Array) -> jax.Array:
  """E[fake] - E[real] (Arjovsky et al., 2017); needs a penalty on the gradient."""
  return jnp.mean(fake) - jnp.mean(real)


def critic_generator(real: jax.Array, fake: jax.Array) -> jax.Array:
  """-E[fake], the generator's half of the hinge and the Wasserstein loss."""
  del real
  return -jnp.mean(fake)


def least_squares_discriminator(real: jax.Array, fake: jax.Array) -> jax.Array:
  """(E[(real - 1)^2] + E[fake^2]) / 2 (Mao et al., 2017, equation 9)."""
  return 0.5 * (jnp.mean((real - 1) ** 2) + jnp.mean(fake**2))


def least_squares_generator(real: jax.Array, fake: jax.Array) -> jax.Array:
  """E[(fake - 1)^2] / 2 (Mao et al., 2017, equation 9)."""
  del real
  return 0.5 * jnp.mean((fake - 1) ** 2)


def relativistic_hinge_discriminator(real: jax.Array, fake: jax.Array) -> jax.Array:
  """Relativistic average hinge (Jolicoeur-Martineau, 2018, RaHingeGAN)."""
  return jnp.mean(nn.relu(1 - (real - jnp.mean(fake)))) + jnp.mean(
    nn.relu(1 + (fake - jnp.mean(real)))
  )


def relativistic_hinge_generator(real: jax.Array, fake: jax.Array) -> jax.Array:
  """The discriminator's loss with real and fake exchanged."""
  return relativistic_hinge_discriminator(fake, real)


def relativistic_pairing_discriminator(real: jax.Array, fake: jax.Array) -> jax.Array:
  """E[softplus(fake - real)], real and fake in pairs (Huang et al., 2024, R3GAN)."""
  return jnp.mean(nn.softplus(fake - real))


def relativistic_pairing_generator(real: jax.Array, fake: jax.Array) -> jax.Array:
  """The discriminator's loss with real and fake exchanged."""
  return relativistic_pairing_discriminator(fake, real)


PAIRS = {
  "non_saturating": Pair(non_saturating_discriminator, non_saturating_generator),
  "hinge": Pair(hinge_discriminator, critic_generator),
  "least_squares": Pair(least_squares_discriminator, least_squares_generator),
  "wasserstein": Pair(wasserstein_discriminator, critic_generator),
  "relativistic_hinge": Pair(
    relativistic_hinge_discriminator, relativistic_hinge_generator
  ),
  "relativistic_pairing": Pair(
    relativistic_pairing_discriminator, relativistic_pairing_generator
  ),
}


def squared_slope(critic: Critic, images: jax.Array) -> jax.Array:
  """E[|d critic / d x|^2], without the 1/2 (Mescheder et al., 2018).

  At real images it is their R1, at generated ones R2.

  Args:
    critic: images [n, h, w, c] to logits [n]; image i affects logit i alone.
    images: [n, h, w, c].
  """
  return jnp.mean(_squared_norm(_slope(critic, images)))


def between(u: jax.Array, real: jax.Array, fake: jax.Array) -> jax.Array:
  """The points on the segments from `fake` to `real` at `u` in [0, 1]."""
  return u * real + (1 - u) * fake


def gradient_penalty(
  critic: Critic, key: jax.Array, real: jax.Array, fake: jax.Array
) -> jax.Array:
  """E[(|d critic / d x| - 1)^2] between real and fake (Gulrajani et al., 2017).

  Args:
    critic: images [n, h, w, c] to logits [n]; image i affects logit i alone.
    key: draws a point on the segment from each real image to its fake one.
    real: images [n, h, w, c].
    fake: images of the same shape.
  """
  u = jax.random.uniform(key, (real.shape[0],) + (1,) * (real.ndim - 1))
  slope = _slope(critic, between(u, real, fake))
  # The root's gradient at zero is infinite; 1e-12 is below float32's resolution at 1.
  return jnp.mean((jnp.sqrt(_squared_norm(slope) + 1e-12) - 1) ** 2)


def _slope(critic: Critic, images: jax.Array) -> jax.Array:
  return jax.grad(lambda images: jnp.sum(critic(images)))(images)


def _squared_norm(x: jax.Array) -> jax.Array:
  return jnp.sum(x.astype(jnp.float32) ** 2, axis=tuple(range(1, x.ndim)))
