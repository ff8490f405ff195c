"""LPIPS (Zhang et al., 2018): how different two images are by VGG16's activations."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.features import batched, vgg, weights
from jaxgan.images import pixels


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
  """LPIPS [n] of pairs of images, 0 where they are equal.

  Args:
    a: uint8 [n, h, w, 3], sides of 16 at least.
    b: of the same shape.

  Raises:
    ValueError: other shapes.
    errors.UserError: the weights cannot be read.
  """
  return batched.run(functools.partial(_distances, *_weights()), a, b, most=16)


@functools.cache
def _weights() -> tuple[Any, Any]:
  return jax.device_put((weights.load_vgg16(), weights.load_lpips_heads()))


@jax.jit
def _distances(params, heads, a, b):
  def normalized(x):
    found = vgg.activations(params, pixels.to_floats(x), vgg.LPIPS_LAYERS)
    # As published: epsilon is added to the length, not under its root.
    return [
      found[name] / (jnp.linalg.norm(found[name], axis=-1, keepdims=True) + 1e-10)
      for name in vgg.LPIPS_LAYERS
    ]

  return sum(
    ((x - y) ** 2 @ head).mean((1, 2))
    for x, y, head in zip(normalized(a), normalized(b), heads, strict=True)
  )
