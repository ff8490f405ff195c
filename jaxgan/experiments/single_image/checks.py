"""Mistakes that a config alone shows, and fields that had other names."""

from collections.abc import Collection
from typing import Any

import ml_collections

from jaxgan.errors import UserError, nearest
from jaxgan.experiments.single_image import concurrent, distortions, pyramid, sequential
from jaxgan.nets import consingan
from jaxgan.ops import resampling

MODES = {"consingan": concurrent.MODES, "singan": sequential.MODES}
FIELD_OF_VIEW = 11  # Pixels of the patches that both discriminators score.
RENAMED = {
  "moves": "updates_per_step",
  "learning_rate": "optimizer.learning_rate",
  "beta1": "optimizer.b1, with optimizer.b2 = 0.999 beside it",
  "finetune.workdir": "init.workdir",
  "finetune.naive": "init.input",
}


def check(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for a field that makes no sense, before the image is read."""
  _one_of("network", config.network, MODES)
  _one_of("mode", config.mode, MODES[config.network])
  _one_of("resize.border", config.resize.border, resampling.BORDERS)
  _at_least("num_seeds", config.num_seeds, 1)
  _at_least("min_size", config.min_size, FIELD_OF_VIEW)
  _at_least("features", config.features, 1)
  for player, updates in config.updates_per_step.items():
    _at_least(f"updates_per_step.{player}", updates, 1)
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
  if config.network == "consingan":
    _check_consingan(config)
  elif not 0 < config.factor < 1:
    raise UserError(f"config.factor = {config.factor} must lie between 0 and 1.")


def _check_consingan(config: ml_collections.ConfigDict) -> None:
  """Fields that a SinGAN does not have."""
  _one_of("activation", config.activation, consingan.ACTIVATIONS)
  _one_of("spacing", config.spacing, pyramid.SPACINGS)
  _one_of("augmentation", config.augmentation, distortions.VARIANTS)
  _at_least("num_stages", config.num_stages, 1)
  _at_least("train_depth", config.train_depth, 1)


def _one_of(field: str, value: Any, known: Collection[str]) -> None:
  if value not in known:
    raise UserError(f"config.{field} = {value!r} is not known: {nearest(value, known)}")


def _at_least(field: str, value: int, least: int) -> None:
  if value < least:
    raise UserError(f"config.{field} = {value} must be at least {least}.")
