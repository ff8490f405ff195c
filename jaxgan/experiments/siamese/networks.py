"""The family's networks, built from a config, and the generator as it is used."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import ml_collections

from jaxgan.errors import UserError, nearest
from jaxgan.nets import siamese

Tree = Any
_CHOICES = {
  ("generator", "norm"): ("batch", "spectral"),
  ("generator", "upsample"): ("transpose", "resize"),
  ("generator", "padding"): ("zero", "reflect"),
  ("discriminator", "norm"): ("spectral", "none"),
}


class Networks(NamedTuple):
  """Linen modules, and the side S of the generator's tiles."""

  generator: siamese.Generator
  discriminator: siamese.Discriminator
  tile: int

  def infer(self, variables: Mapping[str, Tree], tiles: jax.Array) -> jax.Array:
    """Tiles [n, S, S, 3] translated one by one, with what training averaged."""
    return self.generator.apply(variables, tiles, train=False)

  def infer_windows(
    self, variables: Mapping[str, Tree], windows: jax.Array
  ) -> jax.Array:
    """Windows [n, 2S, 2S, 3] translated quadrant by quadrant."""
    tiles = self.infer(variables, siamese.quadrants(windows))
    return siamese.join(tiles)


def networks(config: ml_collections.ConfigDict) -> Networks:
  """Builds both networks.

  Raises:
    UserError: an option is not known, or tiles cannot be halved.
  """
  for (group, field), known in _CHOICES.items():
    chosen = config[group][field]
    if chosen not in known:
      raise UserError(
        f"config.{group}.{field} = {chosen!r} is not known: {nearest(chosen, known)}"
      )
  dtype = jnp.dtype(config.dtype)
  nets = Networks(
    siamese.Generator(dtype=dtype, **config.generator),
    siamese.Discriminator(dtype=dtype, **config.discriminator),
    config.data.size,
  )
  try:
    nets.generator.widths(nets.tile)
  except ValueError as error:
    raise UserError(
      f"config.data.size = {nets.tile} must be config.generator.base = "
      f"{nets.generator.base} times 2, 4, 8 or so."
    ) from error
  return nets
