"""Images at twice and at half the size, by slices and sums."""

import jax
import jax.numpy as jnp


def nearest(x: jax.Array) -> jax.Array:
  """Images [n, h, w, c] at twice the size, each pixel four times."""
  n, h, w, c = x.shape
  return jnp.broadcast_to(x[:, :, None, :, None], (n, h, 2, w, 2, c)).reshape(
    n, 2 * h, 2 * w, c
  )


@jax.jit  # Exports know it by name.
def bilinear(x: jax.Array) -> jax.Array:
  """Images [n, h, w, c] at twice the size: new pixels lie a quarter off the old."""
  for axis in (1, 2):
    x = _doubled(x, axis)
  return x


def blur(x: jax.Array) -> jax.Array:
  """Every second pixel of images [n, h, w, c] blurred by [1, 2, 1] / 4 both ways.

  So frequencies that half the size cannot hold do not fold into others (Zhang, 2019).
  Borders are mirrored; the result is [n, ceil(h / 2), ceil(w / 2), c].
  """
  for axis in (1, 2):
    x = _halved(x, axis)
  return x


def _padded(x: jax.Array, axis: int, mode: str) -> jax.Array:
  ends = [(0, 0)] * x.ndim
  ends[axis] = (1, 1)
  return jnp.pad(x, ends, mode=mode)


def _doubled(x: jax.Array, axis: int) -> jax.Array:
  size = x.shape[axis]
  part = lambda start, stop: jax.lax.slice_in_dim(x, start, stop, axis=axis)
  before = jnp.concatenate([part(0, 1), part(0, size - 1)], axis)
  after = jnp.concatenate([part(1, size), part(size - 1, size)], axis)
  both = jnp.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * after], axis + 1)
  return both.reshape(*x.shape[:axis], 2 * size, *x.shape[axis + 1 :])


def _halved(x: jax.Array, axis: int) -> jax.Array:
  padded, size = _padded(x, axis, "reflect"), x.shape[axis]
  before, middle, after = (
    jax.lax.slice_in_dim(padded, first, first + size, 2, axis) for first in range(3)
  )
  return 0.25 * before + 0.5 * middle + 0.25 * after
