"""The rows of a network's tables, predicted from what is measured of a painting.

After Ghiasi et al., 2017 (arXiv:1705.06830): so the network of `stylizer` paints in
styles that it was never trained on. It is linear, so that a mixture of paintings'
measurements gives the same mixture of their rows.
"""

from collections.abc import Mapping

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.nets import layers

Rows = Mapping[str, Mapping[str, jax.Array]]


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
    code = layers.Dense(self.bottleneck, name="code")(measured)
    rows = layers.Dense(
      len(first),
      kernel_init=nn.initializers.normal(0.01 / self.bottleneck**0.5),
      bias_init=lambda *_: first,
      name="rows",
    )(code)
    found, start = {}, 0
    for name, channels, _ in self.norms:
      scale, bias = (rows[:, start + i * channels :][:, :channels] for i in (0, 1))
      found[name] = {"scale": scale, "bias": bias}
      start += 2 * channels
    return found
