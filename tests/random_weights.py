"""Weights to compare a network with another program's."""

import jax
import numpy as np


def variables_of(module, *args, scale, random=None):
  """Random weights and statistics, so that no term can hide behind 0 or 1.

  Args:
    module: a network.
    *args: what it is called with.
    scale: standard deviation of the weights; factors and variances are above 1.
    random: a NumPy generator; a new one by default.
  """
  shapes = jax.eval_shape(
    lambda key: module.init(key, *args, train=False), jax.random.key(0)
  )
  random = random or np.random.default_rng(0)

  def draw(path, x):
    values = random.normal(size=x.shape).astype(np.float32)
    positive = path[-1].key in ("var", "scale")
    return 1 + 0.2 * np.abs(values) if positive else scale * values

  return jax.tree_util.tree_map_with_path(draw, shapes)
