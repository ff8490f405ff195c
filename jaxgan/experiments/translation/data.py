"""The two domains of a config, and batches of windows of both."""

from collections.abc import Callable

import ml_collections
import numpy as np

from jaxgan.experiments.shared import unpaired


def load(config: ml_collections.ConfigDict) -> unpaired.Domains:
  """Reads or draws both domains, large enough for a window of training.

  Raises:
    UserError: a path holds no usable image.
  """
  data = config.data
  return unpaired.load(
    {"a": data.a, "b": data.b},
    num_drawn=data.num_drawn,
    scale=data.train_scale,
    least=data.size,
    holdout=data.holdout,
    squeezed=data.squeezed,
  )


def batches(
  config: ml_collections.ConfigDict, domains: unpaired.Domains
) -> Callable[[int, int], dict[str, np.ndarray]]:
  """f(first step, count) -> {"a", "b": uint8 [count, batch, size, size, 3]}."""
  data = config.data
  return unpaired.batches(
    domains,
    batch_size=data.batch_size,
    side=data.size,
    seed=config.seed,
    least_std=0.0,
    retries=0,
  )
