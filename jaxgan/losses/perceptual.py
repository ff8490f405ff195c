"""Content and style losses on a classifier's features (Gatys et al., 2016).

Every loss is one number per image, so that each image of a batch may have a style and
a weight of its own.
"""

from collections.abc import Mapping

import jax
import jax.numpy as jnp


def gram(features: jax.Array) -> jax.Array:
  """Gram matrices F'F / (h w) of features [n, h, w, c]: [n, c, c], float32.

  Divided by the pixels only, as in Magenta's code; Johnson's also divides by c, which
  makes a mean over c x c entries c^2 times smaller.
  """
  n, h, w, c = features.shape
  flat = features.reshape(n, h * w, c)
  product = jax.lax.dot_general(
    flat, flat, (((1,), (1,)), ((0,), (0,))), preferred_element_type=jnp.float32
  )
  return product / (h * w)


def mean_square(x: jax.Array, target: jax.Array) -> jax.Array:
  """Mean squared difference of each image's features or matrices: [n, ...] to [n]."""
  difference = x.astype(jnp.float32) - target.astype(jnp.float32)
  return jnp.mean(difference**2, axis=tuple(range(1, x.ndim)))


def content(
  features: Mapping[str, jax.Array],
  targets: Mapping[str, jax.Array],
  weights: Mapping[str, float],
) -> dict[str, jax.Array]:
  """Weighted content losses: {layer: [n]}, for the layers that have a weight."""
  return {
    layer: weight * mean_square(features[layer], targets[layer])
    for layer, weight in weights.items()
  }


def style(
  features: Mapping[str, jax.Array],
  targets: Mapping[str, jax.Array],
  weights: Mapping[str, float],
) -> dict[str, jax.Array]:
  """Weighted style losses: {layer: [n]}.

  Args:
    features: {layer: [n, h, w, c]}.
    targets: Gram matrices {layer: [n, c, c]} (or [1, c, c], for all images).
    weights: {layer: weight}; other layers are left out.
  """
  return {
    layer: weight * mean_square(gram(features[layer]), targets[layer])
    for layer, weight in weights.items()
  }


def total_variation(images: jax.Array) -> jax.Array:
  """Mean squared difference of vertical neighbors, plus that of horizontal ones.

  Args:
    images: [n, h, w, c]; one of a single row or column has no neighbors that way.

  Returns:
    [n].
  """
  down = images[:, 1:] - images[:, :-1]
  across = images[:, :, 1:] - images[:, :, :-1]
  return sum(
    jnp.mean(x**2, axis=(1, 2, 3)) if x.size else jnp.zeros(len(images))
    for x in (down, across)
  )
