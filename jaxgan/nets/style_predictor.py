"""The rows of a network's tables, predicted from what is measured of a painting.

After Ghiasi et al., 2017 (arXiv:1705.06830): so the network of `stylizer` paints in
styles that it was never trained on. It is linear, so that a mixture of paintings'
measurements gives the same mixture of their rows.
"""

from collections.abc import Mapping
from typing import Any

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.nets import layers

Rows = Mapping[str, Mapping[str, jax.Array]]
TABLES = ("scale", "bias")  # Of a normalization, in order.


class StylePredictor(nn.Module):
  """Measurements of paintings to scales and shifts of all normalizations.

  At first every painting gets about the rows that a new style has in a network with
  tables of its own.

  Attributes:
    norms: (name, channels, first scale) of each normalization, in order; see
      `stylizer.Stylizer.norms`.
    bottleneck: numbers between measurements and rows.
  """

  norms: tuple[tuple[str, int, float], ...]
  bottleneck: int = 100

  @nn.compact
  def __call__(self, measured: jax.Array) -> Rows:
    """Predicts.

    Args:
      measured: float32 [n, measurements], each about 0 with a deviation of 1.

    Returns:
      {name of a normalization: {"scale": [n, channels], "bias": [n, channels]}}.
    """
    first = jnp.concatenate(
      [
        jnp.full(channels, value)
        for _, channels, scale in self.norms
        for value in (scale, 0.0)
      ]
    )
    # Divided here and not by the initial kernel: else one step of Adam, the same for
    # each of a thousand weights, would move a number of the code by more than its size.
    code = layers.Dense(
      self.bottleneck, kernel_init=nn.initializers.normal(1.0), name="code"
    )(measured / measured.shape[-1] ** 0.5)
    rows = layers.Dense(
      len(first),
      kernel_init=nn.initializers.normal(0.01 / self.bottleneck**0.5),
      bias_init=lambda *_: first,
      name="rows",
    )(code)
    found, start = {}, 0
    for name, channels, _ in self.norms:
      found[name] = {}
      for table in TABLES:
        found[name][table] = rows[:, start : start + channels]
        start += channels
    return found

  def started(self, params: Any, row: Rows) -> Any:
    """The weights `params`, but every painting's row is at first about this one."""
    parts = [row[name][table][0] for name, *_ in self.norms for table in TABLES]
    return {**params, "rows": {**params["rows"], "bias": jnp.concatenate(parts)}}
