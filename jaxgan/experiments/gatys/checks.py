"""What a config alone can be checked for, before any data are read."""

import math

import ml_collections

from jaxgan.errors import UserError
from jaxgan.experiments.gatys.stage import OPTIMIZERS, STARTS
from jaxgan.experiments.shared import fields, styles
from jaxgan.experiments.shared.criterion import create_criterion

CHOICES = {"optimizer.name": OPTIMIZERS, "start": STARTS}
RANGES = {
  "loss.total_variation": (0, math.inf),
  "optimizer.learning_rate": (0, math.inf),
  "optimizer.memory": (1, math.inf),
}


def check(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for a field that makes no sense."""
  fields.check_choices(config, CHOICES)
  fields.check_ranges(config, RANGES)
  if config.data.size < styles.LEAST:
    raise UserError(
      f"config.data.size = {config.data.size} must be {styles.LEAST} or more."
    )
  styles.check_size(config.data.style_size)
  create_criterion(config.loss)
