"""Instance normalization, plain or with a scale and shift by style.

These are looked up in tables, or mixed, so that one network can paint in many styles
(Dumoulin et al., 2017, arXiv:1610.07629): they differ in 2 numbers for every normalized
channel only.
"""

from typing import NamedTuple

from flax import linen as nn
import jax
import jax.numpy as jnp

EPSILON = 1e-5


class Moments(NamedTuple):
  """Mean and biased variance of every channel of an image, each [n, c]."""

  mean: jax.Array
  var: jax.Array


def moments(x: jax.Array) -> Moments:
  """Moments of images [n, h, w, c] over their pixels, in float32."""
  wide = x.astype(jnp.float32)
  mean = wide.mean((1, 2))
  return Moments(mean, jnp.maximum((wide * wide).mean((1, 2)) - mean * mean, 0))


def mix(a: Moments, b: Moments, share: jax.Array | float) -> Moments:
  """Moments of pixels of which a share has those of `a`, and the others those of `b`.

  The distance of the means counts as variance: two uniform images of different colors
  vary when taken together.
  """
  mean, var = (share * x + (1 - share) * y for x, y in zip(a, b, strict=True))
  return Moments(mean, var + share * (1 - share) * (a.mean - b.mean) ** 2)


def used(
  x: jax.Array, statistics: Moments | None = None, keep: float | jax.Array = 1.0
) -> Moments:
  """The moments to normalize images with: their own, given ones, or both mixed.

  Args:
    x: features [n, h, w, c].
    statistics: moments to use instead of those of `x`, such as those of a larger image
      of which `x` is a part, or of a film's earlier frames.
    keep: share of `statistics`; the rest is those of `x`.
  """
  if statistics is None:
    return moments(x)
  if isinstance(keep, float) and keep == 1.0:
    return statistics
  return mix(statistics, moments(x), keep)


def normalize(x: jax.Array, given: Moments) -> jax.Array:
  """(x - mean) / sqrt(var + 1e-5) of images [n, h, w, c], without any weights."""
  factor = jax.lax.rsqrt(given.var + EPSILON)
  shift = -given.mean * factor
  return (x * factor[:, None, None] + shift[:, None, None]).astype(x.dtype)


def look_up(table: jax.Array, style: jax.Array) -> jax.Array:
  """Rows of a table [styles, c], mixed linearly.

  Args:
    table: a row of numbers for every style.
    style: labels, int [n]; or weights, float [n, styles]; or weights of every pixel,
      float [n, h, w, styles]. One-hot weights give that row exactly.

  Returns:
    [n, c], or [n, h, w, c] for maps.
  """
  if jnp.issubdtype(style.dtype, jnp.integer):
    return table[style]
  return jnp.matmul(style, table, precision=jax.lax.Precision.HIGHEST)


def shrink(style: jax.Array, size: tuple[int, int]) -> jax.Array:
  """Averages maps of weights to the size of some features; other styles stay.

  Args:
    style: see `look_up`.
    size: (height, width), each dividing the maps'.
  """
  if style.ndim != 4:
    return style
  (n, h, w, c), (down, across) = style.shape, size
  return style.reshape(n, down, h // down, across, w // across, c).mean((2, 4))


class ConditionalInstanceNorm(nn.Module):
  """(x - mean) / sqrt(var + 1e-5) * scale[style] + bias[style] for every image.

  Attributes:
    num_styles: rows of the tables "scale" and "bias", both [styles, c].
    first_scale: initial value of the scales.
  """

  num_styles: int
  first_scale: float = 1.0

  @nn.compact
  def __call__(
    self,
    x: jax.Array,
    style: jax.Array,
    statistics: Moments | None = None,
    keep: float = 1.0,
  ) -> jax.Array:
    """Normalizes, and records the moments it used in the collection "moments".

    Args:
      x: features [n, h, w, c].
      style: see `look_up`; maps are averaged to h x w.
      statistics, keep: see `used`.
    """
    shape = (self.num_styles, x.shape[-1])
    style = shrink(style, x.shape[1:3])
    scale = look_up(
      self.param("scale", nn.initializers.constant(self.first_scale), shape), style
    )
    bias = look_up(self.param("bias", nn.initializers.zeros, shape), style)
    mean, var = given = used(x, statistics, keep)
    if not self.is_initializing():
      self.sow("moments", "used", given, reduce_fn=lambda _, new: new)
    spread = lambda rows: rows if rows.ndim == 4 else rows[:, None, None]
    factor = spread(jax.lax.rsqrt(var + EPSILON)) * spread(scale)
    shift = spread(bias) - spread(mean) * factor
    return (x * factor + shift).astype(x.dtype)
