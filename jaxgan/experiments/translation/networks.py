"""The family's networks, built from a config."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import ml_collections

from jaxgan.engine.core import Tree
from jaxgan.nets import cyclegan
from jaxgan.ops import beside


class Networks(NamedTuple):
  """Linen modules of which a method makes one or two networks each."""

  generator: cyclegan.Generator
  discriminator: cyclegan.Discriminator

  def translate(self, params: Tree, images: jax.Array) -> jax.Array:
    """Images [n, h, w, 3] in [-1, 1] to the same."""
    return self.generator.apply({"params": params}, images)

  def features(self, params: Tree, images: jax.Array) -> tuple[jax.Array, Tree]:
    """The same, and the features of `cyclegan.TAPS`, {tap: [n, h', w', c]}."""
    translated, shown = self.generator.apply(
      {"params": params}, images, mutable=["taps"]
    )
    return translated, shown["taps"]

  def judge(self, params: Tree, images: jax.Array) -> jax.Array:
    """A discriminator's logits [n, h', w', 1] of images [n, h, w, 3]."""
    return self.discriminator.apply({"params": params}, images)

  def compare(
    self, params: Tree, real: jax.Array, fake: jax.Array
  ) -> tuple[jax.Array, jax.Array]:
    """Logits of real and of fake images, which go through in one call."""
    return tuple(beside.split(self.judge(params, beside.join(real, fake)), 2))


def create_networks(config: ml_collections.ConfigDict) -> Networks:
  """Builds the networks of a checked config."""
  dtype = jnp.dtype(config.dtype)
  return Networks(
    cyclegan.Generator(dtype=dtype, **config.generator),
    cyclegan.Discriminator(dtype=dtype, **config.discriminator),
  )
