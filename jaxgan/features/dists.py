"""DISTS (Ding et al., 2020): how different two images are, texture for texture.

Where LPIPS compares activations position by position, DISTS compares their means,
variances and covariances over the image: another sample of the same texture is near.
"""

import functools
import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import load_file

from jaxgan.features import batched, vgg, weights

# The authors' own, with their license (MIT) beside them.
WEIGHTS = pathlib.Path(__file__).with_name("dists.safetensors")
_EPSILON = 1e-6


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
  """DISTS [n] of pairs of images, 0 where they are equal, near 1 at most.

  At the images' own size, as in training; its authors reduce photographs to 256 pixels.

  Args:
    a: uint8 [n, h, w, 3], sides of 16 at least.
    b: of the same shape.

  Raises:
    ValueError: other shapes.
    errors.UserError: VGG16's weights cannot be read.
  """
  return batched.run(functools.partial(_distances, *_weights()), a, b, most=16)


@functools.cache
def _weights() -> tuple[Any, Any]:
  """VGG16's, and those of the channels' means (alpha) and covariances (beta)."""
  channels = load_file(WEIGHTS)
  # They sum to 1 when divided so.
  total = sum(x.sum(dtype=np.float64) for x in channels.values())
  ends = np.cumsum([3, *(vgg.WIDTHS[x.removeprefix("relu")] for x in vgg.LPIPS_LAYERS)])
  split = {k: np.split(np.float32(x / total), ends[:-1]) for k, x in channels.items()}
  return jax.device_put((weights.load_vgg16(), split))


@jax.jit
def _distances(params, channels, a, b):
  """Equations 3 to 5; the image itself is the first of six layers."""

  def layers(x):
    x = x.astype(jnp.float32) / 255
    found = vgg.activations(params, 2 * x - 1, vgg.LPIPS_LAYERS, pool=_l2_pool)
    return [x, *(found[name] for name in vgg.LPIPS_LAYERS)]

  likeness = 0.0
  for x, y, alpha, beta in zip(
    layers(a), layers(b), channels["alpha"], channels["beta"], strict=True
  ):
    mean_x, mean_y = (v.mean((1, 2), keepdims=True) for v in (x, y))
    x, y = x - mean_x, y - mean_y
    mean_x, mean_y = mean_x[:, 0, 0], mean_y[:, 0, 0]
    means = _likeness(mean_x * mean_y, mean_x**2 + mean_y**2)
    powers = (x**2).mean((1, 2)) + (y**2).mean((1, 2))
    likeness += means @ alpha + _likeness((x * y).mean((1, 2)), powers) @ beta
  return 1 - likeness


def _likeness(product: jax.Array, squares: jax.Array) -> jax.Array:
  return (2 * product + _EPSILON) / (squares + _EPSILON)


def _l2_pool(x: jax.Array) -> jax.Array:
  """The root of squares weighted by (1, 2, 1) along rows and columns, every second.

  Unlike maxima it aliases little (Henaff and Simoncelli, 2016).
  """
  x = jnp.pad(x**2, ((0, 0), (1, 1), (1, 1), (0, 0)))
  for axis, size in ((1, x.shape[1]), (2, x.shape[2])):
    near, middle, far = (
      jax.lax.slice_in_dim(x, i, size - 2 + i, 2, axis) for i in range(3)
    )
    x = (near + 2 * middle + far) / 4
  return jnp.sqrt(x + 1e-12)
