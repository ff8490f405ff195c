"""What a training step must do to weights."""

import jax
import numpy as np


def assert_every_array_changed(before, after):
  """Every array of a tree has become another, of finite numbers."""
  changed = jax.tree.map(
    lambda old, new: bool(np.isfinite(new).all() and np.any(old != new)), before, after
  )
  assert all(jax.tree.leaves(changed)), changed
