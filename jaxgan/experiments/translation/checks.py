"""What a config alone can be checked for, before any data are read."""

import math

import ml_collections

from jaxgan.errors import UserError
from jaxgan.experiments.shared import comparison, fields, players, unpaired
from jaxgan.experiments.translation.evaluation import tile_of
from jaxgan.experiments.translation.methods import CREATE
from jaxgan.nets import cyclegan, residual_chain

CHOICES = {
  "method": CREATE,
  "dtype": ("float32", "bfloat16"),
  "generator.upsample": cyclegan.UPSAMPLING,
  "generator.downsample": cyclegan.DOWNSAMPLING,
  "generator.initializer": cyclegan.INITIALIZERS,
  "discriminator.downsample": cyclegan.DOWNSAMPLING,
  "discriminator.initializer": cyclegan.INITIALIZERS,
}
NETWORK_RANGES = {
  "generator.width": (1, fields.MOST),
  "generator.blocks": (2, 64),
  "discriminator.width": (1, fields.MOST),
}
RANGES = {
  **unpaired.RANGES,
  **comparison.RANGES,
  "data.size": (cyclegan.LEAST, math.inf),
  "data.batch_size": (1, math.inf),
  "evaluate.tile": (0, math.inf),
  **players.adam_ranges("optimizer"),
  "optimizer.decay_start": (0, 1),
  "ema": (0, 1),
}
OWN_CHOICES = {"cyclegan": {}, "cut": {"heads.initializer": cyclegan.INITIALIZERS}}
OWN_RANGES = {
  "cyclegan": {
    "pool": (0, math.inf),
    "loss.cycle": (0, math.inf),
    "loss.identity": (0, math.inf),
  },
  "cut": {
    "heads.features": (1, math.inf),
    "loss.gan": (0, math.inf),
    "loss.nce": (0, math.inf),
    "loss.patches": (2, math.inf),
  },
}


def check(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for all that a config alone can tell."""
  check_networks(config)
  fields.check_choices(config, OWN_CHOICES[config.method])
  fields.check_ranges(config, RANGES | OWN_RANGES[config.method])
  unpaired.check(config)
  data, tile = config.data, tile_of(config)
  for name, side in (("data.size", data.size), ("evaluate.tile", tile)):
    if side % residual_chain.MULTIPLE:
      raise UserError(
        f"config.{name} = {side} must be divisible by {residual_chain.MULTIPLE}."
      )
  if data.squeezed and data.squeezed < data.size:
    raise UserError(
      f"config.data.squeezed = {data.squeezed} must be 0, or config.data.size = "
      f"{data.size} or more."
    )
  if config.method == "cut" and config.loss.mirror and config.loss.identity:
    raise UserError(
      "config.loss.mirror and config.loss.identity: choose one of them; FastCUT has "
      "no identity term."
    )
  comparison.check_side(config.evaluate.size or 4 * tile, tile, "config.evaluate.size")


def check_networks(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for what the networks cannot be."""
  fields.check_choices(config, CHOICES)
  fields.check_ranges(config, NETWORK_RANGES)
