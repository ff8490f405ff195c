"""The modules of both architectures, and how SinGAN's scales follow one another."""

from collections.abc import Mapping, Sequence
import dataclasses

import jax
import jax.numpy as jnp
import ml_collections

from jaxgan.engine import core
from jaxgan.nets import consingan, singan
from jaxgan.ops import resampling

Tree = core.Tree
Size = tuple[int, int]


def create_consingan(
  config: ml_collections.ConfigDict, channels: int, num_stages: int
) -> tuple[consingan.Generator, consingan.Discriminator]:
  """Both networks as they are once there are `num_stages` stages."""
  style = dict(
    features=config.features, activation=config.activation, slope=config.slope
  )
  generator = consingan.Generator(
    num_stages,
    channels,
    norm=config.batch_norm,
    padded_noise=config.mode in ("generation", "animation"),
    **style,
  )
  return generator, consingan.Discriminator(**style)


def create_singan(config: ml_collections.ConfigDict, channels: int) -> "Scales":
  """The networks of all scales."""
  return Scales(config.features, config.slope, channels, config.mode == "animation")


@dataclasses.dataclass(frozen=True)
class Scales:
  """SinGAN's networks: a generator and a discriminator for each scale.

  Attributes:
    features: channels inside at the coarsest scale; see `singan.width`.
    slope: of the leaky ReLU.
    channels: of the image.
    padded_noise: the noise covers the border that the convolutions consume.
  """

  features: int
  slope: float
  channels: int
  padded_noise: bool

  def generator(self, scale: int) -> singan.Generator:
    """The generator of a scale, 0 the coarsest."""
    return singan.Generator(
      singan.width(scale, base=self.features), self.channels, self.slope
    )

  def discriminator(self, scale: int) -> singan.Discriminator:
    """The discriminator of a scale."""
    return singan.Discriminator(singan.width(scale, base=self.features), self.slope)

  def noise_shape(self, size: Size) -> tuple[int, int, int]:
    """Shape of one image's noise at a scale of a size."""
    border = 2 * singan.BORDER if self.padded_noise else 0
    return size[0] + border, size[1] + border, self.channels

  def draw(
    self, key: jax.Array, sizes: Sequence[Size], num: int = 1
  ) -> list[jax.Array]:
    """Noise [num, *noise_shape] of every scale; the coarsest's is gray."""
    shapes = [self.noise_shape(size) for size in sizes]
    keys = jax.random.split(key, len(shapes))
    noises = [
      jax.random.normal(key, (num, *shape[:2], shape[2] if i else 1))
      for i, (key, shape) in enumerate(zip(keys, shapes, strict=True))
    ]
    return [jnp.broadcast_to(noises[0], (num, *shapes[0])), *noises[1:]]

  def chain(
    self,
    variables: Mapping[str, Tree],
    noises: Sequence[jax.Array],
    sizes: Sequence[Size],
    amplitudes: jax.Array,
    image: jax.Array | None = None,
    first: int = 0,
  ) -> jax.Array | None:
    """The image after finished scales, normalized by running averages.

    Args:
      variables: of each scale's generator, by "scale_i".
      noises: of the scales from `first` on, as many as shall run.
      sizes: of these scales.
      amplitudes: of these scales.
      image: of the scale before `first`, of any size; None before scale 0.
      first: number of the first of these scales.
    """
    for i, (noise, size) in enumerate(zip(noises, sizes, strict=True)):
      before = (
        jnp.zeros((noise.shape[0], *size, noise.shape[-1]))
        if image is None
        else enlarge(image, size)
      )
      image = self.generator(first + i).apply(
        variables[f"scale_{first + i}"], amplitudes[i] * noise, before, train=False
      )
    return image


def enlarge(x: jax.Array, size: Size) -> jax.Array:
  """Images [n, h, w, c] by the pyramid's cubic to [n, *size, c], in [-1, 1]."""
  if x.shape[1:3] == tuple(size):
    return x
  matrices = (
    jnp.asarray(resampling.antialiased_cubic(length, out, out / length), jnp.float32)
    for length, out in zip(x.shape[1:3], size, strict=True)
  )
  return jnp.clip(resampling.resample(x, *matrices), -1, 1)


def scale_variables(
  params: Mapping[str, Tree], batch_stats: Mapping[str, Tree]
) -> dict[str, Tree]:
  """Weights and running averages of each scale's generator, by "scale_i"."""
  return {
    name: {"params": tree, "batch_stats": batch_stats[name]}
    for name, tree in params.items()
  }
