"""Mistakes that a config alone shows, and fields that had other names."""

import math

import ml_collections

from jaxgan.errors import UserError
from jaxgan.experiments.shared import arguments, fields, players
from jaxgan.experiments.single_image import concurrent, distortions, pyramid, sequential
from jaxgan.nets import consingan
from jaxgan.ops import resampling

MODES = {"consingan": concurrent.MODES, "singan": sequential.MODES}
FIELD_OF_VIEW = 11  # Pixels of the patches that both discriminators score.
RANGES = {
  **{f"updates_per_step.{name}": (1, math.inf) for name in players.NAMES},
  "num_seeds": (1, math.inf),
  "min_size": (FIELD_OF_VIEW, math.inf),
  "slope": (0, 1),
  "noise": (0, math.inf),
  "reconstruction": (0, math.inf),
  "gradient_penalty": (0, math.inf),
  **players.adam_ranges("optimizer"),
  "optimizer.clip": (0, math.inf),
}
CONSINGAN_RANGES = {
  "num_stages": (1, math.inf),
  "train_depth": (1, math.inf),
  "lr_scale": (0, 1),
}
RENAMED = {
  "moves": "updates_per_step",
  "learning_rate": "optimizer.learning_rate",
  "beta1": "optimizer.b1, with optimizer.b2 = 0.999 beside it",
  "finetune.workdir": "init.workdir",
  "finetune.naive": "init.input",
}


def check(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for a field that makes no sense, before the image is read."""
  check_networks(config)
  choices = {"resize.border": resampling.BORDERS[:2]}
  if config.network == "consingan":
    choices |= {"spacing": pyramid.SPACINGS, "augmentation": distortions.VARIANTS}
    fields.check_ranges(config, CONSINGAN_RANGES)
  elif not 0 < config.factor < 1:
    raise UserError(f"config.factor = {config.factor} must lie between 0 and 1.")
  fields.check_choices(config, choices)
  fields.check_ranges(config, RANGES)
  last = config.seed + config.num_seeds - 1
  arguments.check_seed(last, "config.seed + config.num_seeds - 1 = ")
  if config.max_size < config.min_size:
    raise UserError(
      f"config.max_size = {config.max_size} is less than config.min_size = "
      f"{config.min_size}."
    )
  if not 0 < config.decay_at <= 1:
    raise UserError(
      f"config.decay_at = {config.decay_at} must be a share of a stage, above 0 and at "
      "most 1, which keeps the learning rate."
    )
  if config.init.input and not config.init.workdir:
    raise UserError(
      "config.init.input needs a finished run: say which with "
      "--config.init.workdir=DIR."
    )


def check_networks(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for what the networks and their noise cannot be."""
  fields.check_choices(config, {"network": MODES})
  fields.check_choices(config, {"mode": MODES[config.network]})
  if config.network == "consingan":
    fields.check_choices(config, {"activation": consingan.ACTIVATIONS})
  ranges = {"features": (1, fields.MOST), "seed": (0, arguments.SEEDS - 1)}
  fields.check_ranges(config, ranges)
