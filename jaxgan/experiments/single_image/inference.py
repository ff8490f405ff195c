"""A trained run as a function of noise: what every task works with."""

from collections.abc import Sequence
import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import resizing
from jaxgan.experiments.single_image import data, fixed_noise
from jaxgan.experiments.single_image.networks import (
  Scales,
  create_consingan,
  create_singan,
  scale_variables,
)
from jaxgan.nets import consingan, singan
from jaxgan.ops import resampling

Tree = Any
Size = resizing.Size
Noises = list[np.ndarray]


@functools.partial(jax.jit, static_argnums=(2, 3))
def _draw(
  key: jax.Array, first: int, num: int, shapes: tuple[tuple[int, ...], ...]
) -> list[jax.Array]:
  """Normal noise of several shapes for each of `num` images; compiled once."""

  def one(number):
    keys = jax.random.split(jax.random.fold_in(key, number), len(shapes))
    return [jax.random.normal(*each) for each in zip(keys, shapes, strict=True)]

  return jax.vmap(one)(first + jnp.arange(num))


@dataclasses.dataclass(frozen=True, eq=False)  # Hashed by identity.
class Restored:
  """The generator of a checkpoint, with the stages that it had by then.

  Attributes:
    mode: what it was trained for, `config.mode`.
    amplitudes: float32 [stages], factors on the noise.
    fixed: the reconstruction's noise of every stage, float32 [1, h, w, c].
    reals: the training image at every stage, float32 [1, h, w, c] in [-1, 1].
    variables: the generator's weights, trained and frozen.
  """

  mode: str
  amplitudes: np.ndarray
  fixed: Noises
  reals: list[np.ndarray]
  variables: Tree

  @property
  def sizes(self) -> tuple[Size, ...]:
    """(height, width) of every stage, from the coarsest."""
    return tuple(real.shape[1:3] for real in self.reals)

  @property
  def channels(self) -> int:
    """Channels of the image."""
    return self.reals[0].shape[-1]

  def scaled(self, height: float = 1.0, width: float = 1.0) -> tuple[Size, ...]:
    """Sizes of all stages with every side times a factor, rounded to a pixel.

    Raises:
      UserError: if nothing would be left.
    """
    sizes = tuple((round(h * height), round(w * width)) for h, w in self.sizes)
    if min(map(min, sizes)) < 4:
      raise UserError(
        f"a size of {sizes[-1][1]}x{sizes[-1][0]} leaves stage 0 only "
        f"{sizes[0][1]}x{sizes[0][0]} pixels: ask for a larger one."
      )
    return sizes

  def sized(self, size: Size) -> tuple[Size, ...]:
    """Sizes of all stages that end at a size."""
    height, width = self.sizes[-1]
    return (*self.scaled(size[0] / height, size[1] / width)[:-1], tuple(size))

  def noise_shape(self, stage: int, size: Size) -> tuple[int, int, int]:
    """Shape of one image's noise at a stage."""
    raise NotImplementedError

  def draw(
    self,
    key: jax.Array,
    num: int,
    sizes: Sequence[Size] | None = None,
    *,
    first: int = 0,
  ) -> Noises:
    """Random noise for `num` images; image i of a key is the same for any number.

    Args:
      key: of all of it.
      num: how many images.
      sizes: of the stages; by default as trained.
      first: number of the image that comes first.
    """
    shapes = tuple(
      self.noise_shape(i, size) for i, size in enumerate(sizes or self.sizes)
    )
    return [np.asarray(x) for x in _draw(key, first, num, shapes)]

  def fixed_at(self, sizes: Sequence[Size] | None = None, num: int = 1) -> Noises:
    """The reconstruction's noise, repeated, and resampled where sizes differ."""
    result = []
    for i, size in enumerate(sizes or self.sizes):
      shape = self.noise_shape(i, size)
      noise = resampling.bicubic(jnp.asarray(self.fixed[i]), shape[:2])
      result.append(np.repeat(np.asarray(noise), num, axis=0))
    return result

  def generate(
    self,
    noises: Noises,
    sizes: Sequence[Size] | None = None,
    *,
    start: int = 0,
    image: np.ndarray | None = None,
  ) -> np.ndarray:
    """Images float32 [n, *sizes[-1], c] in [-1, 1] of noise.

    Args:
      noises: of every stage, [n, *noise_shape].
      sizes: of the stages; by default as trained.
      start: stages before it take the reconstruction's noise, so that the large
        arrangement stays the training image's.
      image: [n, h, w, c] in [-1, 1], put in instead: for ConSinGAN it is what stage 0
        begins with, and `start` is 0; for SinGAN it is the image of scale `start` - 1,
        of any size.
    """
    raise NotImplementedError


@dataclasses.dataclass(frozen=True, eq=False)
class ConSinGAN(Restored):
  """A trained ConSinGAN.

  Attributes:
    net: the generator's module.
  """

  net: consingan.Generator

  def noise_shape(self, stage, size):
    return self.net.noise_shape(stage, size)

  def generate(self, noises, sizes=None, *, start=0, image=None):
    """See `Restored.generate`."""
    sizes = tuple(map(tuple, sizes or self.sizes))
    num = len(noises[-1] if image is None else image)
    if image is not None:
      if start:
        raise ValueError("ConSinGAN begins with an image at stage 0 only.")
      image = np.asarray(resampling.bicubic(jnp.asarray(image), sizes[0]))
      noises = [image, *noises[1:]]
    if start:
      noises = [*self.fixed_at(sizes, num)[:start], *noises[start:]]
    return np.asarray(_apply(self.net, self.variables, noises, sizes, self.amplitudes))


@dataclasses.dataclass(frozen=True, eq=False)
class SinGAN(Restored):
  """A trained SinGAN; `variables` are those of each scale, by "scale_i".

  Attributes:
    scales: the generators' modules.
  """

  scales: Scales

  def noise_shape(self, stage, size):
    return self.scales.noise_shape(size)

  def draw(self, key, num, sizes=None, *, first=0):
    noises = super().draw(key, num, sizes, first=first)
    # The coarsest scale has one value for all channels.
    return [np.repeat(noises[0][..., :1], self.channels, -1), *noises[1:]]

  def generate(self, noises, sizes=None, *, start=0, image=None):
    """See `Restored.generate`."""
    sizes = tuple(map(tuple, sizes or self.sizes))
    num = len(noises[-1])
    if image is None:
      if start:
        noises = [*self.fixed_at(sizes, num)[:start], *noises[start:]]
      return np.asarray(
        _chain(self.scales, self.variables, noises, sizes, self.amplitudes)
      )
    if not 0 < start < len(sizes):
      raise ValueError(
        f"SinGAN takes an image before a scale from 1 to {len(sizes) - 1}, not {start}."
      )
    image = np.stack([resizing.imresize(one, sizes[start - 1]) for one in image])
    return np.asarray(
      _chain(
        self.scales,
        self.variables,
        noises[start:],
        sizes[start:],
        self.amplitudes[start:],
        image,
        start,
      )
    )

  def refine(
    self,
    images: np.ndarray,
    noise: np.ndarray,
    *,
    scale: int = -1,
    padded: bool = False,
  ) -> jax.Array:
    """Images of any size with one scale's detail added: float32 [n, h, w, c].

    Args:
      images: [n, h, w, c] in [-1, 1].
      noise: of the same shape, before it is multiplied by the scale's amplitude.
      scale: -1 for the last.
      padded: both have a border of `nets.singan.BORDER` pixels, which the result has
        not: then only the detail is returned, not added to the images.
    """
    scale %= len(self.sizes)
    return _refine(
      self.scales.generator(scale),
      self.variables[f"scale_{scale}"],
      images,
      self.amplitudes[scale] * noise,
      padded,
    )


# Compiled once for all runs of equal networks.
_chain = jax.jit(Scales.chain, static_argnames=("self", "sizes", "first"))
_apply = jax.jit(
  lambda net, variables, noises, sizes, amplitudes: net.apply(
    {"params": variables}, noises, sizes, amplitudes
  ),
  static_argnames=("net", "sizes"),
)


@functools.partial(jax.jit, static_argnames=("net", "padded"))
def _refine(
  net: singan.Generator,
  variables: Tree,
  images: jax.Array,
  noise: jax.Array,
  padded: bool,
) -> jax.Array:
  if padded:
    border, noise = singan.BORDER, noise + images
    images = jnp.zeros_like(images[:, border:-border, border:-border])
  return net.apply(variables, noise, images, train=False)


def restored(run: workdir.Run) -> Restored:
  """The generator of a run's checkpoint, of whichever network it is."""
  amplitudes = np.asarray(run.restore("extra.amplitudes"), np.float32)
  count, items = len(amplitudes), run.items()
  reals = data.stored_reals(run, count)
  channels, sizes = reals[0].shape[-1], [real.shape[1:3] for real in reals]
  # Nothing is frozen in the first stages.
  take = lambda name: run.restore(name) if name in items else {}
  own, frozen = run.restore("params.generator"), take("params.frozen")
  if run.config.network == "consingan":
    net, _ = create_consingan(run.config, channels, count)
    fixed = fixed_noise.restore(run, list(map(net.noise_shape, range(count), sizes)))
    common = (run.config.mode, amplitudes, fixed, reals)
    return ConSinGAN(*common, jax.device_put(own | frozen), net)
  last = f"scale_{count - 1}"
  variables = scale_variables(
    frozen | {last: own},
    take("extra.frozen_stats") | {last: run.restore("extra.batch_stats")},
  )
  scales = create_singan(run.config, channels)
  fixed = fixed_noise.restore(run, list(map(scales.noise_shape, sizes)))
  common = (run.config.mode, amplitudes, fixed, reals)
  return SinGAN(*common, jax.device_put(variables), scales)


def exported(run: workdir.Run) -> dict[str, Tree]:
  """What tasks restore of a run, and what a fine-tuning does: the discriminator."""
  # Earlier versions wrote the image to every checkpoint.
  others = ("params.*", "extra.amplitudes", "extra.*_stats", "extra.real")
  known = workdir.restore_matching(run, *others)
  return known | {fixed_noise.ITEM: fixed_noise.exported(run)}
