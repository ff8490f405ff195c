"""The family's networks, built from a config."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import ml_collections

from jaxgan.nets import dcgan, mlp

MODULES = {
  "dcgan": (dcgan.Generator, dcgan.Discriminator),
  "mlp": (mlp.Generator, mlp.Discriminator),
}


class Networks(NamedTuple):
  """Linen modules and the generator's latents; hashable, as jit needs it."""

  generator: Any
  discriminator: Any
  latents: int
  distribution: str

  def draw(self, key: jax.Array, n: int) -> jax.Array:
    """Latents [n, d]: standard normal, or uniform in (-1, 1)."""
    if self.distribution == "uniform":
      return jax.random.uniform(key, (n, self.latents), minval=-1.0)
    return jax.random.normal(key, (n, self.latents))


def image_size(config: ml_collections.ConfigDict) -> tuple[int, int]:
  """(height, width) of the images; the field may be one number."""
  value = config.data.size
  return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def create_networks(
  config: ml_collections.ConfigDict, classes: Mapping[str, Any]
) -> Networks:
  """Builds both networks.

  Args:
    config: `network`, `generator`, `discriminator`, `data` and `dtype` are read.
    classes: attribute -> names of its values; none for an unconditional GAN.

  Raises:
    ValueError: the images are too small.
  """
  generator, discriminator = dict(config.generator), dict(config.discriminator)
  latents, distribution = generator.pop("latents"), generator.pop("distribution")
  size, channels = image_size(config), config.data.channels
  for options in (generator, discriminator):
    options["dtype"] = jnp.dtype(config.dtype)
  if config.network == "mlp":
    generator["shape"] = (*size, channels)
  else:
    generator["channels"] = channels
    width, stride = generator.pop("width"), generator.pop("stride", 3)
    derived = dcgan.plan(size, width, stride)
    counts = tuple((name, len(values)) for name, values in sorted(classes.items()))
    for options in (generator, discriminator):
      options |= dict(layers=_layers(options["layers"]) or derived, classes=counts)
  make_generator, make_discriminator = MODULES[config.network]
  return Networks(
    make_generator(**generator),
    make_discriminator(**discriminator),
    latents,
    distribution,
  )


def _layers(rows: Any) -> tuple[dcgan.Layer, ...]:
  """A plan from a config's nested sequences."""
  return tuple(dcgan.Layer(tuple(row[0]), *row[1:]) for row in rows)
