"""WGAN-GP's penalty per pixel, for critics that score patches."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

Tree = Any


def per_pixel(
  critic: Callable[[Tree, jax.Array], jax.Array], params: Tree, images: jax.Array
) -> jax.Array:
  """E[(|d sum(critic) / d pixel| - 1)^2], the norm taken over each pixel's channels.

  So each patch's critic is held near slope 1, not the image's (SinGAN, issue 59 of its
  repository). The value is exact; so is its gradient with respect to `params`, and only
  that: `images` count as constant, and derivatives of the gradient are none.

  The gradient is not taken through the gradient. With v = d penalty / d slope held
  constant, it equals that of <v, slope>: how the gradient of sum(critic) with respect
  to `params` changes along v, which shares that gradient's passes and adds one forward.

  Args:
    critic: weights and images [n, h, w, c] to scores of any shape.
    params: its weights.
    images: where the slope is taken.
  """
  fixed = jax.lax.stop_gradient(params)
  gradients = jax.grad(lambda own, x: jnp.sum(critic(own, x)), (0, 1))
  (_, slope), change = jax.linearize(
    lambda x: gradients(fixed, x), jax.lax.stop_gradient(images)
  )
  squares = jnp.sum(jnp.square(slope), -1, keepdims=True)
  flat = squares == 0  # The norm's gradient there is 0, as in PyTorch, not infinite.
  norm = jnp.where(flat, 0.0, jnp.sqrt(jnp.where(flat, 1.0, squares)))
  v = jnp.where(flat, 0.0, 2 * (norm - 1) / jnp.where(flat, 1.0, norm)) * slope
  grads, _ = change(v / norm.size)
  # Zero, with these gradients.
  nothing = jax.tree.map(lambda g, p, f: jnp.vdot(g, p - f), grads, params, fixed)
  return jnp.mean(jnp.square(norm - 1)) + sum(jax.tree.leaves(nothing))
