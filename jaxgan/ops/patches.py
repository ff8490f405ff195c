"""All overlapping square patches of an image: replaced, averaged, counted.

Only one row of patches is in memory at a time, since they hold every pixel side**2
times.
"""

from collections.abc import Callable
import functools

import jax
import jax.numpy as jnp
import numpy as np


def starts(length: int, side: int, stride: int = 1, wrap: bool = False) -> np.ndarray:
  """Where patches begin along an axis.

  The last one ends at the border, whatever the stride, so that each pixel belongs to a
  patch. With `wrap` patches go on at the other border.
  """
  if wrap:
    return np.arange(0, length, stride)
  return np.unique(np.r_[0 : length - side + 1 : stride, length - side])


@functools.cache
def shares(
  length: int, side: int, stride: int, spread: float, wrap: bool
) -> np.ndarray:
  """Each patch's share in the mean of every pixel: float32 [length, places, side].

  Args:
    length, side, stride, wrap: see `starts`.
    spread: standard deviation of a Gaussian about a patch's middle, in halves of its
      side. At its rim a patch knows least of what is around it.
  """
  places = starts(length, side, stride, wrap)
  window = np.exp(-0.5 * (np.linspace(-1, 1, side) / spread) ** 2)
  result = np.zeros((length, len(places), side))
  for i, place in enumerate(places):
    result[(place + np.arange(side)) % length, i, np.arange(side)] = window
  return (result / result.sum((1, 2), keepdims=True)).astype(np.float32)


def cut(strip: jax.Array, columns: np.ndarray) -> jax.Array:
  """Patches [n, side * side * c] of a strip [side, w, c] that begin at n columns."""
  side, width, channels = strip.shape
  index = (columns[:, None] + np.arange(side)) % width
  return strip[:, index].swapaxes(0, 1).reshape(len(columns), side * side * channels)


def unfold(image: jax.Array, side: int) -> jax.Array:
  """All patches [(h - side + 1) * (w - side + 1), side * side * c] of [h, w, c]."""
  rows, columns = (starts(length, side) for length in image.shape[:2])
  strips = jax.vmap(lambda row: jax.lax.dynamic_slice_in_dim(image, row, side))(rows)
  return jax.vmap(lambda strip: cut(strip, columns))(strips).reshape(
    len(rows) * len(columns), -1
  )


def replace(
  function: Callable[[jax.Array, jax.Array], jax.Array],
  image: jax.Array,
  side: int,
  *,
  stride: int = 1,
  spread: float = 0.2,
  wrap: bool = False,
) -> jax.Array:
  """Replaces the patches of an image by a function of them and averages the overlaps.

  Args:
    function: `(patches [n, side * side * c], row where they begin) -> patches`.
    image: [h, w, c], no side shorter than a patch.
    side: of a patch.
    stride: pixels from a patch to the next.
    spread: see `shares`.
    wrap: patches go on at the other border, as in a texture that is laid in tiles.

  Returns:
    [h, w, c].
  """
  (height, width, channels), more = image.shape, side - 1 if wrap else 0
  rows, columns = (starts(length, side, stride, wrap) for length in (height, width))
  index = np.arange(len(rows))[:, None], np.arange(side)
  down = shares(height, side, stride, spread, wrap)
  down = down[(rows[:, None] + index[1]) % height, *index]
  across = shares(width, side, stride, spread, wrap)
  extended = jnp.concatenate([image, image[:more]])

  def step(total, part):
    row, share = part
    patches = cut(jax.lax.dynamic_slice_in_dim(extended, row, side), columns)
    made = function(patches, row).reshape(-1, side, side, channels)
    strip = jnp.einsum("wcq,cpqk->pwk", across, made) * share[:, None, None]
    strip += jax.lax.dynamic_slice_in_dim(total, row, side)
    return jax.lax.dynamic_update_slice_in_dim(total, strip, row, 0), None

  total, _ = jax.lax.scan(step, jnp.zeros_like(extended), (rows, down))
  return total[:height].at[:more].add(total[height:])


def principal(image: jax.Array, side: int, count: int) -> tuple[jax.Array, jax.Array]:
  """Directions in which an image's patches differ most.

  Args:
    image: [h, w, c].
    side: of a patch.
    count: how many directions, at most a patch's numbers.

  Returns:
    Orthonormal directions [side * side * c, count], and their share of the variance.
  """
  rows, columns = (starts(length, side) for length in image.shape[:2])
  image -= image.mean((0, 1))

  def step(sums, row):
    patches = cut(jax.lax.dynamic_slice_in_dim(image, row, side), columns)
    return (sums[0] + patches.sum(0), sums[1] + patches.T @ patches), None

  size = side * side * image.shape[-1]
  sums, _ = jax.lax.scan(step, (jnp.zeros(size), jnp.zeros((size, size))), rows)
  mean, squares = (x / (len(rows) * len(columns)) for x in sums)
  values, vectors = jnp.linalg.eigh(squares - jnp.outer(mean, mean))
  # A flat image has no variance, all of which is then explained.
  share = (values[-count:].sum() + 1e-12) / (values.sum() + 1e-12)
  return vectors[:, -count:], share
