"""The network that repaints a photograph in one of many styles, or in a mixture.

Dumoulin et al., 2017 (arXiv:1610.07629): Johnson's network (2016) with reflected
borders, upsampling before convolution, and conditional instance normalization after
all 16 convolutions. 1,674,432 weights are shared; a style has 3,206 of its own.
"""

from typing import Any, NamedTuple

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.nets import instance_norm, residual_chain
from jaxgan.nets.residual_chain import Layer

UPSAMPLING = ("bilinear", "nearest", "transpose")


class Start(NamedTuple):
  """Initial weights: of kernels, and scales by the activation after a normalization."""

  kernel: nn.initializers.Initializer
  scales: dict[str, float]


INITIALIZERS = {
  "published": Start(nn.initializers.normal(0.01), {}),
  "quick": Start(nn.initializers.he_normal(), {"add": 0.0, "sigmoid": 0.3}),
}


class Stylizer(residual_chain.ResidualChain):
  """Photographs repainted in styles.

  Attributes:
    num_styles: rows of every normalization's tables.
    width: features of the first convolution; the published network has 32.
    upsample: "bilinear", "nearest" (both before a convolution), or "transpose", a
      transposed convolution, which leaves a checkerboard.
    initializer: "published": kernels N(0, 0.01), scales 1. Or "quick", for trainings of
      some thousand steps: kernels by fan-in, residual blocks that add nothing yet, so
      that the output resembles the photograph from the start, and a last scale of 0.3,
      for low contrast: at 1, training first makes a white blot, which stays for long.
    dtype: of the convolutions; weights and statistics are float32.
  """

  num_styles: int
  width: int = 32
  upsample: str = "bilinear"
  initializer: str = "published"
  dtype: Any = jnp.float32

  def __call__(self, images: jax.Array, style: jax.Array) -> jax.Array:
    """Repaints.

    Args:
      images: RGB in [0, 1], [n, h, w, 3], sides divisible by 4.
      style: labels int [n], weights float [n, styles], or maps [n, h, w, styles].

    Returns:
      RGB in (0, 1), of the same shape, float32.
    """
    return self.advance(residual_chain.Carry(images), style).x

  def plan(self) -> tuple[Layer, ...]:
    """The 16 layers."""
    width, padding = self.width, "SAME" if self.upsample == "transpose" else "reflect"
    grow = dict(resample=self.upsample, padding=padding)
    return (
      Layer("contract1", width, kernel=9),
      Layer("contract2", 2 * width, stride=2),
      Layer("contract3", 4 * width, stride=2),
      *residual_chain.residuals(5, 4 * width),
      Layer("expand1", 2 * width, **grow),
      Layer("expand2", width, **grow),
      Layer("expand3", 3, kernel=9, then="sigmoid"),
    )

  def norms(self) -> tuple[tuple[str, int, float], ...]:
    """(name, channels, first scale) of each normalization, in order."""
    scales = INITIALIZERS[self.initializer].scales
    return tuple(
      (f"{layer.name}_norm", layer.features, scales.get(layer.then, 1.0))
      for layer in self.plan()
    )

  def kernel_init(self) -> nn.initializers.Initializer:
    """See `initializer`."""
    return INITIALIZERS[self.initializer].kernel

  def normalize(
    self,
    layer: Layer,
    x: jax.Array,
    style: jax.Array,
    statistics: instance_norm.Moments | None,
    keep: float,
  ) -> jax.Array:
    """Conditional instance normalization, whose tables have a row for each style."""
    scale = INITIALIZERS[self.initializer].scales.get(layer.then, 1.0)
    norm = instance_norm.ConditionalInstanceNorm(
      self.num_styles, scale, name=f"{layer.name}_norm"
    )
    return norm(x, style, statistics, keep)
