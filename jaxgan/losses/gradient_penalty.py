"""WGAN-GP's penalty per pixel, for critics that judge patches."""
from collections.abc import Callable

import jax
import jax.numpy as jnp


def between(u: jax.Array, real: jax.Array, fake: jax.Array) -> jax.Array:
  """The points on the segments from `fake` to `real` at `u` in [0, 1]."""
  return u * real + (1 - u) * fake


def per_pixel(critic: Callable[[jax.Array], jax.Array], images: jax.Array) -> jax.Array:
  """E[(|d sum(critic) / d pixel| - 1)^2], the norm taken over each pixel's channels.

  So each patch's critic is held near slope 1, not the image's (SinGAN, issue 59 of its
  repository). The value is exact; so is its gradient with respect to what `critic`
  closes over (its weights), and only that: `images` count as constant.

  The gradient is not taken through the gradient. With v = d penalty / d slope held
  constant, it equals that of <v, slope>, a derivative of the critic along v in forward
  mode, which costs one pass forward and one backward.

  Args:
    critic: images [n, h, w, c] to scores of any shape.
    images: where the slope is taken.
  """
  images = jax.lax.stop_gradient(images)
  total = lambda x: jnp.sum(critic(x))
  slope = jax.lax.stop_gradient(jax.grad(total)(images))
  squares = jnp.sum(jnp.square(slope), -1, keepdims=True)
  flat = squares == 0  # The norm's gradient there is 0, as in PyTorch, not infinite.
  norm = jnp.where(flat, 0.0, jnp.sqrt(jnp.where(flat, 1.0, squares)))
  value = jnp.mean(jnp.square(norm - 1))
  v = jnp.where(flat, 0.0, 2 * (norm - 1) / jnp.where(flat, 1.0, norm)) * slope
  along = jax.jvp(total, (images,), (v / norm.size,))[1]
  return value + along - jax.lax.stop_gradient(along)
