"""Residual networks of a GAN for images of any size, conditional if there are labels.

Where DCGAN's last step enlarges by three at once, these double and halve in every step,
with a way around it: the generator's picture is the sum of a picture of each size
(Karras et al., 2020), and the discriminator's steps have short cuts. It normalizes
nothing, so that its logits may be penalized for their slope. Latents also scale every
layer of the generator (Chen et al., 2019, self-modulation).
"""

import functools

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.nets import dcgan, layers

LEAST = 8  # Pixels of an image's side.
_HE = nn.initializers.variance_scaling(2 / 1.04, "fan_in", "normal")


def sizes(size: tuple[int, int]) -> list[tuple[int, int]]:
  """Heights and widths from the image to the base of 4 to 7 pixels, each half.

  Odd sides are halved upward.

  Raises:
    ValueError: if a side is under 8 pixels.
  """
  if min(size) < LEAST:
    raise ValueError(f"images of {size[0]}x{size[1]} are under {LEAST} pixels.")
  found = [size]
  while min(found[-1]) > 7:
    found.append(tuple(-(-n // 2) for n in found[-1]))
  return found


class Generator(nn.Module):
  """Latents [n, d] to images [n, h, w, channels] in [-1, 1].

  Attributes:
    size: (height, width) of the images.
    channels: of the images.
    classes: attributes and their numbers of values, for a conditional generator.
    width: features at half of the size, doubled with each halving...
    max_width: ...up to this many.
    slope: of leaky ReLU.
    momentum, epsilon: of batch norm.
    dtype: of the computation; parameters, statistics and the result are float32.
  """

  size: tuple[int, int]
  channels: int = 3
  classes: dcgan.Classes = ()
  width: int = 48
  max_width: int = 256
  slope: float = 0.2
  momentum: float = 0.9
  epsilon: float = 1e-5
  dtype: jnp.dtype = jnp.float32

  @nn.compact
  def __call__(
    self, z: jax.Array, labels: dcgan.Labels | None = None, *, train: bool
  ) -> jax.Array:
    def finish(x):
      x = dcgan.Normalization(
        self.classes, self.momentum, self.epsilon, "torch", self.dtype
      )(x, labels or {}, train)
      modulation = nn.Dense(x.shape[-1], kernel_init=nn.initializers.zeros)(z)
      x = x * (1 + modulation[:, None, None]).astype(x.dtype)
      return nn.leaky_relu(x, self.slope)

    *larger, (h, w) = sizes(self.size)
    features = [min(self.width << i, self.max_width) for i in range(len(larger))]
    make = functools.partial(dict, dtype=self.dtype)
    # features[i] are those of i + 1 halvings.
    x = nn.Dense(h * w * features[-1], **make(use_bias=False, kernel_init=_HE))(z)
    x = finish(x.reshape(-1, h, w, features[-1]))
    picture = 0.0
    for i in reversed(range(len(larger))):
      rows, columns = larger[i]
      up = functools.partial(
        layers.ConvTranspose,
        kernel_size=(4, 4),
        strides=2,
        **make(kernel_init=dcgan.smooth_upsampling(2)),
      )
      part = up(self.channels)(x)[:, :rows, :columns].astype(jnp.float32)
      if i < len(larger) - 1:
        part += jax.image.resize(picture, part.shape, "bilinear")
      picture = part
      if i:  # Features of the full size would cost more than all others.
        x = finish(up(features[i - 1], use_bias=False)(x)[:, :rows, :columns])
    return jnp.tanh(picture)


class Discriminator(nn.Module):
  """Images [n, h, w, c] in [-1, 1] to logits [n]; see `dcgan.Discriminator` for labels.

  Attributes:
    classes, dtype: as in `Generator`.
    width: features after the first halving, doubled with each up to `max_width`.
    max_width: see there.
    slope: of leaky ReLU.
  """

  classes: dcgan.Classes = ()
  width: int = 32
  max_width: int = 512
  slope: float = 0.2
  dtype: jnp.dtype = jnp.float32

  @nn.compact
  def __call__(
    self, x: jax.Array, labels: dcgan.Labels | None = None, *, train: bool
  ) -> jax.Array:
    del train  # Nothing is normalized.
    make = functools.partial(dict, dtype=self.dtype, kernel_init=_HE)
    steps = len(sizes(x.shape[1:3]))
    for i in range(steps):
      features = min(self.width << i, self.max_width)
      down = layers.Conv(features, (4, 4), strides=2, **make())(x)
      if i:
        short = layers.Conv(features, (1, 1), **make(use_bias=False))(_halve(x))
        down = (down + short) / 2**0.5
      x = nn.leaky_relu(down, self.slope)
    flat = x.reshape(x.shape[0], -1)
    logits = layers.Dense(1, **make(kernel_init=nn.initializers.lecun_normal()))(flat)
    return dcgan.project(logits[:, 0], x, labels or {}, self.classes)


def _halve(x: jax.Array) -> jax.Array:
  """Means of 2x2, the last row and column repeated where their number is odd.

  Of strided slices, which cost a CPU less than a pooling's windows.
  """
  h, w = x.shape[1:3]
  x = jnp.pad(x, ((0, 0), (0, h % 2), (0, w % 2), (0, 0)), mode="edge")
  return sum(x[:, i::2, j::2] for i in (0, 1) for j in (0, 1)) / 4
