"""Mistakes that a config alone shows, and what may change in a run that is done."""

import math

import ml_collections

from jaxgan.errors import UserError
from jaxgan.experiments.patches import inference
from jaxgan.experiments.shared import fields

# The pass over the patches depends on none of these.
FREE = (
  *inference.SETTINGS,
  *inference.TASKS,
  *(f"fast.{name}" for name in ("above", "neighbors", "stride", "noise")),
  "seed",
)


def check(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for a field that makes no sense."""
  fields.check_ranges(
    config,
    {
      "patch": (3, 64),
      "fast.directions": (1, config.patch**2),  # Of an image in gray.
      "fast.above": (0, math.inf),
      "fast.neighbors": (1, config.fast.above + 1),
      "fast.stride": (1, config.patch),
      "fast.noise": (0, 0.99),  # At 1 all patches are equally near.
    },
  )
  ranges = {
    "min_size": (config.patch, math.inf),
    "noise_levels": (2, 1_000),
    "eta": (0, 1),
    "window": (0.05, math.inf),
    "anchor": (0, math.inf),
    "candidates": (1, 256),
  }
  fields.check_ranges(config, ranges)
  for task in inference.TASKS:
    own = {f"{task}.{name}": ranges[name] for name in config[task]}
    fields.check_ranges(config, own)
  if config.max_size < 2 * config.patch:
    raise UserError(
      f"config.max_size = {config.max_size} must be at least two patches, "
      f"{2 * config.patch}: images of one patch are copies."
    )
