"""A generator of single tiles, and a siamese discriminator of four joined ones.

The generator translates tiles of S x S. `translate_quadrants` runs it on the four
quadrants of a 2S x 2S image and joins the results, which the discriminator compares
with real images. So it learns to find seams: across or down the middle and where four
tiles meet, which are all the kinds of seams that a grid of tiles has.

After "Style Transfer with GANs on HD Images" (Pasini, 2019), whose text gives the
method but no layer tables; those are TraVeLGAN's (Amodio and Krishnaswamy, 2019).
"""

from collections.abc import Callable
import functools
from typing import Any

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.nets import layers

_INIT = nn.initializers.truncated_normal(0.02)


def quadrants(images: jax.Array) -> jax.Array:
  """Images [n, 2s, 2s, c] to tiles [4n, s, s, c].

  Tiles 4i to 4i + 3 are image i's: top left, top right, bottom left, bottom right.

  Raises:
    ValueError: if the sides are odd.
  """
  n, h, w, c = images.shape
  if h % 2 or w % 2:
    raise ValueError(f"images {images.shape} have no quadrants: their sides are odd.")
  grid = images.reshape(n, 2, h // 2, 2, w // 2, c)
  return grid.swapaxes(2, 3).reshape(4 * n, h // 2, w // 2, c)


def join(tiles: jax.Array) -> jax.Array:
  """Tiles [4n, s, s, c] to images [n, 2s, 2s, c]: the inverse of `quadrants`."""
  n, h, w, c = tiles.shape
  if n % 4:
    raise ValueError(f"tiles {tiles.shape} do not join by four.")
  grid = tiles.reshape(n // 4, 2, 2, h, w, c)
  return grid.swapaxes(2, 3).reshape(n // 4, 2 * h, 2 * w, c)


def translate_quadrants(
  generator: Callable[[jax.Array], tuple[jax.Array, Any]], images: jax.Array
) -> tuple[jax.Array, Any]:
  """Translates the four quadrants of each image in one call and joins the results.

  Pasini (2019) calls this the Combo model.

  Args:
    generator: tiles [4n, s, s, c] to (tiles of the same shape, anything).
    images: [n, 2s, 2s, c].

  Returns:
    Images [n, 2s, 2s, c], and whatever else the generator returned.
  """
  tiles, rest = generator(quadrants(images))
  return join(tiles), rest


class _Residual(nn.Module):
  """Two 3x3 convolutions, added to their input."""

  make: Callable[..., nn.Module]
  norm: Callable[[jax.Array], jax.Array]
  reflect: bool

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    y = x
    for activation in (nn.relu, lambda x: x):
      padding = "VALID" if self.reflect else "SAME"
      y = self.make(x.shape[-1], (3, 3), strides=1, padding=padding)(
        layers.reflect_pad(y, 1) if self.reflect else y
      )
      y = activation(self.norm(y))
    return x + y


class Generator(nn.Module):
  """Tiles [n, s, s, 3] to tiles [n, s, s, 3] in [-1, 1]: a U-Net of 4x4 convolutions.

  At inference a tile must not depend on the rest of its batch, nor its colors on its
  own statistics, or neighboring tiles would not match: hence batch norm, which then
  uses running averages, or spectral norm, and never instance norm.

  Attributes:
    width: channels after the first convolution; they double as sides are halved...
    max_width: ...up to this.
    base: side at which halving stops.
    blocks: residual blocks there.
    upsample: "transpose" (4x4 transposed convolutions) or "resize" (nearest neighbor
      and 3x3 convolutions, which leave no checkerboard).
    padding: "zero" or "reflect".
    norm: "batch" or "spectral".
    momentum: of batch norm.
    dtype: of the computation; parameters, statistics and the result are float32.
  """

  width: int = 64
  max_width: int = 256
  base: int = 8
  blocks: int = 0
  upsample: str = "transpose"
  padding: str = "zero"
  norm: str = "batch"
  momentum: float = 0.9
  dtype: jnp.dtype = jnp.float32

  def widths(self, side: int) -> list[int]:
    """Channels after every halving of tiles of that side.

    Raises:
      ValueError: if the side is not `base` times a power of two, at least twice.
    """
    halvings = (side // self.base).bit_length() - 1
    if halvings < 1 or self.base * 2**halvings != side:
      raise ValueError(f"tiles of side {side} cannot be halved down to {self.base}.")
    return [min(self.width * 2**i, self.max_width) for i in range(halvings)]

  @nn.compact
  def __call__(self, x: jax.Array, *, train: bool) -> jax.Array:
    if x.shape[1] != x.shape[2]:
      raise ValueError(f"tiles {x.shape} are not square.")
    down = self.widths(x.shape[1])
    skips = []
    for i, width in enumerate(down):
      x = self._down(x, width, bias=i == 0)
      x = nn.leaky_relu(self._norm(x, train, wanted=i > 0), 0.2)
      skips.append(x)
    for _ in range(self.blocks):
      x = _Residual(
        functools.partial(self._conv, use_bias=False),
        lambda y: self._norm(y, train),
        self.padding == "reflect",
      )(x)
    for width, skip in zip(down[-2::-1], skips[-2::-1], strict=True):
      x = nn.relu(self._norm(self._up(x, width, bias=False), train))
      x = jnp.concatenate((x, skip), -1)
    return jnp.tanh(self._up(x, 3, bias=True).astype(jnp.float32))

  @property
  def _conv(self):
    return functools.partial(
      layers.Conv, kernel_init=_INIT, dtype=self.dtype, spectral=self.norm == "spectral"
    )

  def _norm(self, x, train, wanted=True):
    if self.norm != "batch" or not wanted:
      return x
    return layers.BatchNorm(
      use_running_average=not train, momentum=self.momentum, dtype=self.dtype
    )(x)

  def _down(self, x, width, bias):
    reflect = self.padding == "reflect"
    conv = self._conv(
      width,
      (4, 4),
      strides=2,
      padding="VALID" if reflect else "SAME",
      use_bias=bias or self.norm != "batch",
    )
    return conv(layers.reflect_pad(x, 1) if reflect else x)

  def _up(self, x, width, bias):
    reflect, bias = self.padding == "reflect", bias or self.norm != "batch"
    if self.upsample == "resize":
      x = x.repeat(2, 1).repeat(2, 2)
      return self._conv(
        width, (3, 3), padding="VALID" if reflect else "SAME", use_bias=bias
      )(layers.reflect_pad(x, 1) if reflect else x)
    up = layers.ConvTranspose(
      width,
      (4, 4),
      strides=2,
      use_bias=bias,
      kernel_init=_INIT,
      dtype=self.dtype,
      spectral=self.norm == "spectral",
    )
    # Each padded pixel became two, which are cut off again.
    return up(layers.reflect_pad(x, 1))[:, 2:-2, 2:-2] if reflect else up(x)


class Discriminator(nn.Module):
  """Images [n, s, s, 3] to vectors [n, vector].

  The loss uses the length of a vector as the score of how real its image is, and the
  angle between differences of vectors to compare contents.

  Attributes:
    vector: length of the vectors.
    width: channels after the first 4x4 convolution; they double as sides are halved...
    max_width: ...up to this, down to sides of 4.
    norm: "spectral" (every kernel, the last one as well) or "none".
    dtype: of the computation; parameters and the result are float32.
  """

  vector: int = 128
  width: int = 64
  max_width: int = 512
  norm: str = "spectral"
  dtype: jnp.dtype = jnp.float32

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    make = dict(kernel_init=_INIT, dtype=self.dtype, spectral=self.norm == "spectral")
    width = self.width
    while x.shape[1] > 4:
      x = nn.leaky_relu(layers.Conv(width, (4, 4), strides=2, **make)(x), 0.2)
      width = min(2 * width, self.max_width)
    vectors = layers.Dense(self.vector, **make)(x.reshape(x.shape[0], -1))
    return vectors.astype(jnp.float32)
