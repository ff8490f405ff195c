"""What a config alone can be checked for, before any data are read."""

import math

import ml_collections

from jaxgan.errors import UserError
from jaxgan.experiments.shared import comparison, fields, players, unpaired
from jaxgan.experiments.siamese.networks import create_networks

CHOICES = {
  "dtype": ("float32", "bfloat16"),
  "generator.norm": ("batch", "spectral"),
  "generator.upsample": ("transpose", "resize"),
  "generator.padding": ("zero", "reflect"),
  "discriminator.norm": ("spectral", "none"),
}
NETWORK_RANGES = {
  "data.size": (8, 2**10),
  "generator.width": (1, fields.MOST),
  "generator.max_width": (1, fields.MOST),
  "generator.base": (1, 2**10),
  "generator.blocks": (0, 64),
  "generator.momentum": (0, 1),
  "discriminator.vector": (1, fields.MOST),
  "discriminator.width": (1, fields.MOST),
  "discriminator.max_width": (1, fields.MOST),
}
RANGES = {
  **players.RANGES,
  **unpaired.RANGES,
  **comparison.RANGES,
  "data.flat": (0, 1),
  "data.retries": (0, math.inf),
  "loss.content": (0, math.inf),
  "loss.identity": (0, math.inf),
  "loss.separation": (0, math.inf),
  "loss.magnitude": (0, math.inf),
}


def check(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for all that a config alone can tell."""
  check_networks(config)
  fields.check_ranges(config, RANGES)
  data, tile = config.data, config.data.size
  for name in ("margin", "separation_margin"):
    if not config.loss[name] > 0:
      raise UserError(f"config.loss.{name} = {config.loss[name]} must be above 0.")
  unpaired.check(config)
  if data.batch_size < 2:
    raise UserError(
      f"config.data.batch_size = {data.batch_size}: images are compared in pairs: "
      "make it 2 or more."
    )
  comparison.check_side(config.evaluate.size or 4 * tile, tile, "config.evaluate.size")


def check_networks(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for what the networks cannot be."""
  fields.check_choices(config, CHOICES)
  fields.check_ranges(config, NETWORK_RANGES)
  try:
    create_networks(config).generator.widths(config.data.size)
  except ValueError as error:
    raise UserError(
      f"config.data.size = {config.data.size} must be config.generator.base = "
      f"{config.generator.base} times 2, 4, 8 or so."
    ) from error
