"""Networks that halve an image twice, add residual blocks, and enlarge it again.

Johnson et al. (2016) made the first; the style network and CycleGAN's are like it. A
network is a list of layers, of which any stretch can be computed by itself: so images
too large for memory are computed in parts that are normalized alike.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.nets import instance_norm, layers
from jaxgan.ops import doubling

MULTIPLE = 4  # Sides of the images must be divisible by it.
RESAMPLING = {
  "nearest": doubling.nearest,
  "bilinear": doubling.bilinear,
  "blur": doubling.blur,
}
_ACTIVATIONS = {"relu": nn.relu, "sigmoid": nn.sigmoid, "tanh": jnp.tanh}


class Layer(NamedTuple):
  """A convolution, and what is computed before it and after its normalization.

  Attributes:
    name: of the convolution; its normalization, if it has weights, is "{name}_norm".
    features: channels of the output.
    kernel: side of the kernel.
    stride: of the convolution.
    resample: what its input goes through: "nearest" and "bilinear" double the sides,
      "blur" halves them; "transpose" makes it a transposed convolution of factor 2.
    padding: "reflect", or what `layers.Conv` or `layers.ConvTranspose` takes.
    normalized: whether its output is.
    then: "relu", "sigmoid", "tanh", or "add", which adds the residual block's input.
    opens: whether it is the first of a residual block.
    tap: name under which the collection "taps" gets the convolution's output, or for
      "add" the sum.
  """

  name: str
  features: int
  kernel: int = 3
  stride: int = 1
  resample: str = ""
  padding: Any = "reflect"
  normalized: bool = True
  then: str = "relu"
  opens: bool = False
  tap: str = ""

  @property
  def scale(self) -> float:
    """Pixels of the output for one of the input, on a side."""
    return {"": 1, "blur": 0.5}.get(self.resample, 2) / self.stride


def residuals(
  count: int, features: int, taps: Mapping[int, str] = MappingProxyType({})
) -> list[Layer]:
  """The two layers of each of some residual blocks, "residual1_1" and so on.

  Args:
    count: blocks.
    features: channels.
    taps: {block, counted from 1: name of its sum's tap}.
  """
  return [
    layer
    for i in range(1, count + 1)
    for layer in (
      Layer(f"residual{i}_1", features, opens=True),
      Layer(f"residual{i}_2", features, then="add", tap=taps.get(i, "")),
    )
  ]


class Carry(NamedTuple):
  """A convolution's output, and the input of the residual block that it is in."""

  x: jax.Array
  skip: jax.Array | None = None


class ResidualChain(nn.Module):
  """What such networks share; each is a subclass that says what its layers are.

  Every one has a field `dtype`, that of the convolutions.
  """

  # The least value of an image's pixels; the largest is 1.
  LOW: ClassVar[float] = 0.0
  # Of the convolutions.
  USE_BIAS: ClassVar[bool] = False

  def plan(self) -> tuple[Layer, ...]:
    """All layers in order."""
    raise NotImplementedError

  def kernel_init(self) -> nn.initializers.Initializer:
    """The initializer of all kernels."""
    raise NotImplementedError

  def normalize(
    self,
    layer: Layer,
    x: jax.Array,
    style: Any,
    statistics: instance_norm.Moments | None,
    keep: float,
  ) -> jax.Array:
    """Normalizes the output [n, h, w, c] of a layer's convolution; see `advance`."""
    raise NotImplementedError

  @nn.compact
  def advance(
    self,
    carry: Carry,
    style: Any = None,
    first: int = 0,
    stop: int | None = None,
    statistics: Any = None,
    keep: float = 1.0,
  ) -> Carry:
    """Some of the layers, so that large images can be computed in parts.

    Args:
      carry: what the layers before `first` gave; the images [n, h, w, 3] for 0.
      style: what normalizations depend on besides, in networks that have styles.
      first: convolution to begin with, after the normalization before it.
      stop: the first convolution left out; by default none, and what follows the last
        one is computed as well.
      statistics: `Moments` to normalize each convolution's output with, or None for the
        image's own.
      keep: share of `statistics`; the rest is the image's own.

    Returns:
      The output of convolution `stop - 1`, not normalized yet; by default the images.
    """
    if carry.x.ndim != 4 or 0 in carry.x.shape[1:3]:
      raise ValueError(f"images must be [n, h, w, 3], not {carry.x.shape}")
    rows = self.plan()
    stop = len(rows) + 1 if stop is None else stop
    x, skip = carry
    if first == 0:
      if x.shape[1] % MULTIPLE or x.shape[2] % MULTIPLE:
        raise ValueError(f"sides must be divisible by {MULTIPLE}, unlike {x.shape}")
      x = x.astype(self.dtype)
    for i in range(first, stop):
      if i:
        before = rows[i - 1]
        if before.normalized:
          given = statistics[i - 1] if statistics else None
          x = self.normalize(before, x, style, given, keep)
        if i == len(rows):
          x = x.astype(jnp.float32)
        x = skip + x if before.then == "add" else _ACTIVATIONS[before.then](x)
        if before.then == "add":
          self._show(before, x)
      if i < len(rows):
        layer = rows[i]
        x = RESAMPLING.get(layer.resample, lambda x: x)(x)
        skip = x if layer.opens else skip
        x = self._convolve(layer, x)
        if layer.then != "add":
          self._show(layer, x)
    inside = stop <= len(rows) and (
      rows[stop - 1].opens or rows[stop - 1].then == "add"
    )
    return Carry(x, skip if inside else None)

  def _convolve(self, layer: Layer, x: jax.Array) -> jax.Array:
    pad = layer.kernel // 2
    reflect = layer.padding == "reflect"
    make = layers.Conv
    if layer.resample == "transpose":
      make = layers.ConvTranspose
    convolution = make(
      layer.features,
      (layer.kernel,) * 2,
      2 if layer.resample == "transpose" else layer.stride,
      "VALID" if reflect else layer.padding,
      use_bias=self.USE_BIAS,
      kernel_init=self.kernel_init(),
      dtype=self.dtype,
      name=layer.name,
    )
    return convolution(layers.reflect_pad(x, pad) if reflect else x)

  def _show(self, layer: Layer, x: jax.Array) -> None:
    if layer.tap and not self.is_initializing():
      self.sow("taps", layer.tap, x, reduce_fn=lambda _, new: new)
