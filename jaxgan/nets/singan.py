"""SinGAN's networks of one scale (Shaham et al., 2019), which keep the image's size.

A scale has a generator and a discriminator of its own, five 3x3 convolutions each,
with batch norm in both. A generator adds detail to the enlarged image of the scale
below; its padding by zeros is done once, before the first convolution, as the noise's.
"""

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.nets import layers

BORDER = 5  # Pixels on each side that five 3x3 convolutions without padding take.
_normal = nn.initializers.normal(0.02)


def width(scale: int, *, base: int = 32, limit: int = 128) -> int:
  """Channels at a scale, 0 the coarsest: doubled every four scales."""
  return min(base * 2 ** (scale // 4), limit)


class ImageBatchNorm(nn.Module):
  """PyTorch's BatchNorm2d where every training batch is one image.

  In training each image is normalized by its own statistics, so that scoring three
  images at once equals scoring them one by one; in use, by the running averages.

  Attributes:
    momentum: share of the old running average (PyTorch's momentum is 1 minus this).
    epsilon: added to the variance.
  """

  momentum: float = 0.9
  epsilon: float = 1e-5

  @nn.compact
  def __call__(self, x: jax.Array, *, train: bool) -> jax.Array:
    channels = x.shape[-1:]
    averages = (
      self.variable("batch_stats", "mean", jnp.zeros, channels),
      self.variable("batch_stats", "var", jnp.ones, channels),
    )
    mean, var = (average.value for average in averages)
    if train:
      mean = x.mean((1, 2), keepdims=True)
      var = ((x - mean) ** 2).mean((1, 2), keepdims=True)
      if not self.is_initializing():
        count = x.shape[1] * x.shape[2]
        # PyTorch averages the unbiased variance, and normalizes by the biased one.
        for average, now in zip(
          averages, (mean, var * (count / (count - 1))), strict=True
        ):
          average.value = self.momentum * average.value + (
            1 - self.momentum
          ) * now.mean((0, 1, 2))
    scale = self.param("scale", _around_one, channels)
    bias = self.param("bias", nn.initializers.zeros, channels)
    return (x - mean) * (jax.lax.rsqrt(var + self.epsilon) * scale) + bias


def _around_one(key, shape, dtype=jnp.float32):
  return 1 + _normal(key, shape, dtype)


class _Convolutions(nn.Module):
  """Images [n, h + 10, w + 10, c] to [n, h, w, features]."""

  width: int
  features: int
  slope: float

  @nn.compact
  def __call__(self, x: jax.Array, *, train: bool) -> jax.Array:
    for name in ("head", "body_0", "body_1", "body_2"):
      x = ImageBatchNorm(name=f"{name}_norm")(_conv(x, self.width, name), train=train)
      x = nn.leaky_relu(x, self.slope)
    return _conv(x, self.features, "tail")


def _conv(x: jax.Array, features: int, name: str) -> jax.Array:
  """A convolution as the published code begins with: biases are PyTorch's default."""
  return layers.Conv(
    features,
    (3, 3),
    padding="VALID",
    name=name,
    kernel_init=_normal,
    bias_init=layers.torch_uniform(9 * x.shape[-1]),
  )(x)


class Generator(nn.Module):
  """Adds one scale's detail to an image.

  Attributes:
    width: channels inside; see `width`.
    channels: of the image.
    slope: of the leaky ReLU.
  """

  width: int = 32
  channels: int = 3
  slope: float = 0.2

  @nn.compact
  def __call__(
    self, noise: jax.Array, previous: jax.Array, *, train: bool
  ) -> jax.Array:
    """The image of this scale, not clipped.

    Args:
      noise: times its amplitude, [n, h, w, c], which gets a border of zeros; or
        [n, h + 10, w + 10, c], where the border is noise as well.
      previous: the image of the scale below at this one's size [n, h, w, c], in
        [-1, 1]; zeros at the coarsest.
      train: normalize by each image's statistics, and average them in "batch_stats".

    Returns:
      [n, h, w, c], up to 1 away from `previous`.
    """
    around = ((0, 0), (BORDER, BORDER), (BORDER, BORDER), (0, 0))
    enlarged = jnp.pad(previous, around)
    if noise.shape[1:3] == previous.shape[1:3]:
      noise = jnp.pad(noise, around)
    if noise.shape[1:] != enlarged.shape[1:]:
      raise ValueError(f"noise {noise.shape} does not fit images {previous.shape}.")
    detail = _Convolutions(self.width, self.channels, self.slope, name="convolutions")(
      noise + enlarged, train=train
    )
    return jnp.tanh(detail) + previous


class Discriminator(nn.Module):
  """Scores every 11x11 patch: images [n, h, w, c] to scores [n, h - 10, w - 10, 1].

  Attributes:
    width: channels inside; see `width`.
    slope: of the leaky ReLU.
  """

  width: int = 32
  slope: float = 0.2

  @nn.compact
  def __call__(self, images: jax.Array, *, train: bool) -> jax.Array:
    return _Convolutions(self.width, 1, self.slope, name="convolutions")(
      images, train=train
    )
