"""ConSinGAN's networks (Hinz et al., 2021): a generator that grows, a patch critic.

Stage i works at size i of a pyramid. Stages hand features, not images, to each other:
each upsamples what it is given, adds noise, and adds what its three convolutions make
of that. One first and one last convolution serve all stages.
"""

from collections.abc import Sequence

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.nets import layers
from jaxgan.ops import resampling

Size = tuple[int, int]
ACTIVATIONS = ("leaky_relu", "prelu", "elu", "selu")


class InstanceNorm(nn.Module):
  """Normalizes each image and channel by its own statistics, then scale and bias.

  The published batch norm sees one image at a time and never uses running averages,
  which is this; so images of a batch do not interact.
  """

  epsilon: float = 1e-5

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    scale_init = lambda key, shape: 1 + 0.02 * jax.random.normal(key, shape)
    scale = self.param("scale", scale_init, x.shape[-1:])
    bias = self.param("bias", nn.initializers.zeros, x.shape[-1:])
    mean = x.mean((1, 2), keepdims=True)
    var = jnp.square(x - mean).mean((1, 2), keepdims=True)
    return (x - mean) * (jax.lax.rsqrt(var + self.epsilon) * scale) + bias


def conv(features: int, inputs: int) -> layers.Conv:
  """A 3x3 convolution without padding, initialized as published."""
  return layers.Conv(
    features,
    (3, 3),
    padding="VALID",
    kernel_init=nn.initializers.normal(0.02),
    bias_init=layers.torch_uniform(9 * inputs),
  )


class ConvBlock(nn.Module):
  """Convolution, perhaps instance norm, activation: loses a pixel at every side.

  Attributes:
    features: channels of the output.
    activation: one of ACTIVATIONS; "prelu" learns one slope, from 0.25.
    slope: of "leaky_relu".
    norm: whether there is an instance norm.
  """

  features: int = 64
  activation: str = "leaky_relu"
  slope: float = 0.05
  norm: bool = False

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    x = conv(self.features, x.shape[-1])(x)
    if self.norm:
      x = InstanceNorm()(x)
    match self.activation:
      case "leaky_relu":
        return jnp.where(x > 0, x, self.slope * x)
      case "prelu":
        slope = self.param("slope", nn.initializers.constant(0.25), ())
        return jnp.where(x > 0, x, slope * x)
      case "elu":
        return nn.elu(x)
      case "selu":
        return nn.selu(x)
    raise ValueError(f"activation {self.activation!r} is not one of {ACTIVATIONS}.")


class Chain(nn.Module):
  """ConvBlocks in a row."""

  length: int
  features: int = 64
  activation: str = "leaky_relu"
  slope: float = 0.05
  norm: bool = False

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    for _ in range(self.length):
      x = ConvBlock(self.features, self.activation, self.slope, self.norm)(x)
    return x


def zero_pad(x: jax.Array, pixels: int) -> jax.Array:
  """Zeros around images [n, h, w, c]."""
  return jnp.pad(x, ((0, 0), (pixels, pixels), (pixels, pixels), (0, 0)))


class Generator(nn.Module):
  """Noise at every stage's size to an image in [-1, 1].

  Attributes:
    num_stages: how far it has grown; body_i are the weights of stage i.
    channels: of the image, and of the noise (or image) that stage 0 begins with.
    features: channels of the hidden layers, and of the later stages' noise.
    length: convolutions of a stage.
    activation: see ConvBlock.
    slope: see ConvBlock.
    norm: see ConvBlock.
    padded_noise: the noise of later stages covers the border that the convolutions
      consume ("generation" and "animation"). Else the border is zeros, and every
      output size is possible ("retarget", "harmonization", "editing").
  """

  num_stages: int
  channels: int = 3
  features: int = 64
  length: int = 3
  activation: str = "leaky_relu"
  slope: float = 0.05
  norm: bool = False
  padded_noise: bool = True

  def setup(self):
    style = (self.features, self.activation, self.slope, self.norm)
    self.head = ConvBlock(*style)
    self.body = [Chain(self.length, *style) for _ in range(self.num_stages)]
    self.tail = conv(self.channels, self.features)

  def noise_shape(self, stage: int, size: Size) -> tuple[int, int, int]:
    """Shape of one image's noise at a stage of a size."""
    if stage == 0:
      return *size, self.channels
    border = 2 * self.length if self.padded_noise else 0
    return size[0] + border, size[1] + border, self.features

  def grow(
    self,
    x: jax.Array | None,
    noises: Sequence[jax.Array],
    sizes: Sequence[Size],
    amplitudes: jax.Array,
    first: int = 0,
  ) -> jax.Array:
    """Features after stages `first`, `first` + 1, ..., as many as there is noise for.

    Args:
      x: features [n, h, w, features] of the stage before; None before stage 0.
      noises: of these stages, [n, *noise_shape].
      sizes: (height, width) of these stages; any.
      amplitudes: factors on these stages' noise; stage 0's is not used.
      first: number of the first of these stages.
    """
    for i, (noise, size) in enumerate(zip(noises, sizes, strict=True)):
      body = self.body[first + i]
      if first + i == 0:
        x = body(self._begin(noise))
        continue
      skip = resampling.bicubic(x, size)
      if self.padded_noise:
        wide = resampling.bicubic(x, noise.shape[1:3])
        x = body(wide + amplitudes[i] * noise) + skip
      else:
        x = body(zero_pad(skip + amplitudes[i] * noise, self.length)) + skip
    return x

  def _begin(self, z: jax.Array) -> jax.Array:
    """What stage 0's convolutions take: `length` pixels more at every side."""
    x = self.head(zero_pad(z, 1))
    if not self.padded_noise:
      return zero_pad(x, self.length)
    x = resampling.bicubic(x, (x.shape[1] + 2, x.shape[2] + 2))
    return zero_pad(x, self.length - 1)

  def finish(self, x: jax.Array) -> jax.Array:
    """Features of the last stage to images."""
    return jnp.tanh(self.tail(zero_pad(x, 1)))

  def __call__(
    self, noises: Sequence[jax.Array], sizes: Sequence[Size], amplitudes: jax.Array
  ) -> jax.Array:
    """Images [n, *sizes[-1], channels] of the noise of all stages."""
    return self.finish(self.grow(None, noises, sizes, amplitudes))


class Discriminator(nn.Module):
  """A score for every 11x11 patch: images [n, h, w, c] to [n, h - 10, w - 10, 1].

  It has no norm: the penalty on its gradient supposes a score of each patch alone.
  """

  features: int = 64
  length: int = 3
  activation: str = "leaky_relu"
  slope: float = 0.05

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    x = Chain(self.length + 1, self.features, self.activation, self.slope)(x)
    return conv(1, self.features)(x)
