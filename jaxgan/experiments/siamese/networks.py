"""The family's networks, built from a config, and the generator as it is used."""

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import ml_collections

from jaxgan.engine.core import Tree
from jaxgan.nets import siamese


class Networks(NamedTuple):
  """Linen modules, and the side S of the tiles; hashable, as jit needs it."""

  generator: siamese.Generator
  discriminator: siamese.Discriminator
  tile: int

  def infer(self, variables: Mapping[str, Tree], tiles: jax.Array) -> jax.Array:
    """Tiles [n, S, S, 3] translated one by one, with the statistics of training."""
    return self.generator.apply(variables, tiles, train=False)

  def infer_windows(
    self, variables: Mapping[str, Tree], windows: jax.Array
  ) -> jax.Array:
    """Windows [n, 2S, 2S, 3] translated quadrant by quadrant."""
    tiles = self.infer(variables, siamese.quadrants(windows))
    return siamese.join(tiles)


def create_networks(config: ml_collections.ConfigDict) -> Networks:
  """Builds both networks of a checked config."""
  dtype = jnp.dtype(config.dtype)
  return Networks(
    siamese.Generator(dtype=dtype, **config.generator),
    siamese.Discriminator(dtype=dtype, **config.discriminator),
    config.data.size,
  )
