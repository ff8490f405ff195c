"""What a config alone can be checked for, before any data are read."""

import math

import ml_collections

from jaxgan.errors import UserError
from jaxgan.experiments.shared import fields, players, styles
from jaxgan.experiments.shared.criterion import create_criterion
from jaxgan.nets import residual_chain, stylizer

NETWORK_CHOICES = {
  "dtype": ("float32", "bfloat16"),
  "stylizer.upsample": stylizer.UPSAMPLING,
  "stylizer.initializer": stylizer.INITIALIZERS,
}
RANGES = {
  "data.crops": (0, math.inf),
  "data.drawn_styles": (0, math.inf),
  "predictor.bottleneck": (0, math.inf),
  "evaluate.num": (1, math.inf),
  "loss.total_variation": (0, math.inf),
  "optimizer.half_life": (0, math.inf),
  **players.adam_ranges("optimizer"),
}


def check(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for a field that makes no sense."""
  check_networks(config)
  fields.check_choices(config, {"init.start": ("predicted", "mean")})
  fields.check_ranges(config, RANGES)
  size = config.data.size
  if size < styles.LEAST or size % residual_chain.MULTIPLE:
    raise UserError(
      f"config.data.size = {size} must be a multiple of {residual_chain.MULTIPLE}, and "
      f"{styles.LEAST} or more."
    )
  styles.check_size(config.data.style_size)
  create_criterion(config.loss)
  players.check_accumulation(config)
  if config.predictor.bottleneck and config.data.accumulate > 1:
    raise UserError(
      "config.data.accumulate is not for a predictor, whose batches hold paintings "
      "too: set it to 1, and lower config.data.batch_size."
    )
  if config.predictor.bottleneck and not config.data.style_size:
    raise UserError(
      "config.data.style_size = 0: a predictor reads squares of one size: give their "
      "side."
    )


def check_networks(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for what the network cannot be."""
  fields.check_choices(config, NETWORK_CHOICES)
  fields.check_ranges(config, {"stylizer.width": (1, fields.MOST)})
