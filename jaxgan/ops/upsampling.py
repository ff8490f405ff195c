"""Bicubic resampling of feature maps with aligned corners, as constant matrices.

This is PyTorch's `interpolate(mode="bicubic", align_corners=True)`: a cubic of a = -3/4
between the four nearest pixels, edges repeated, no antialiasing. `jax.image.resize` has
another cubic (a = -1/2), other positions, and a filter that widens as images shrink.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

Size = tuple[int, int]


@functools.cache
def matrix(length: int, out: int) -> np.ndarray:
  """One axis as a matrix float32 [out, length]."""
  a = -0.75
  position = np.arange(out) * ((length - 1) / (out - 1) if out > 1 else 0.0)
  first = np.floor(position)
  t = (position - first)[:, None] + np.array([1.0, 0.0, -1.0, -2.0])
  t = np.abs(t)
  near = (a + 2) * t**3 - (a + 3) * t**2 + 1
  far = a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a
  weights = np.where(t <= 1, near, far)
  index = np.clip(first[:, None] + np.arange(-1, 3), 0, length - 1).astype(int)
  result = np.zeros((out, length))
  np.add.at(result, (np.arange(out)[:, None], index), weights)
  return result.astype(np.float32)


def bicubic(x: jax.Array, size: Size) -> jax.Array:
  """Images or features [n, h, w, c] to [n, *size, c]."""
  if x.shape[1:3] == tuple(size):
    return x
  down, across = (
    jnp.asarray(matrix(length, out), x.dtype)
    for length, out in zip(x.shape[1:3], size, strict=True)
  )
  x = jnp.einsum("hH,nHWc->nhWc", down, x)
  return jnp.einsum("wW,nhWc->nhwc", across, x)
