"""CycleGAN's generator and discriminator, and CUT's variants of both with its heads.

Zhu et al., 2017 (arXiv:1703.10593): a residual network translates, and a discriminator
judges overlapping patches of 70 pixels. Park et al., 2020 (arXiv:2007.15651) blur
before they halve images, and compare patches by their features in the generator.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.nets import instance_norm, layers, residual_chain
from jaxgan.nets.residual_chain import Layer
from jaxgan.ops import doubling

TAPS = ("pixels", "down1", "down2", "block1", "block5")  # Where CUT compares features.
UPSAMPLING = ("transpose", "nearest", "bilinear")
DOWNSAMPLING = ("stride", "blur")
INITIALIZERS = {
  "normal": nn.initializers.normal(0.02),
  # Glorot's, times 0.02.
  "small": nn.initializers.variance_scaling(0.02**2, "fan_avg", "normal"),
}
LEAST = 24  # Pixels of the smallest image that the discriminator judges.
_ONE = ((1, 1), (1, 1))  # Zeros around an image, as PyTorch's padding of 1.


class Generator(residual_chain.ResidualChain):
  """Images [n, h, w, 3] to images in [-1, 1]; sides are divisible by 4.

  Attributes:
    width: channels of the first convolution.
    blocks: residual blocks, 2 or more.
    upsample: "transpose" (transposed convolutions), "nearest" or "bilinear" (both
      before a convolution, which leaves no checkerboard).
    downsample: "stride", or "blur" after a convolution of stride 1.
    initializer: of the kernels, a name of `INITIALIZERS`.
    dtype: of the convolutions; weights and statistics are float32.
  """

  LOW: ClassVar[float] = -1.0
  # Instance norm cancels most of them; the published networks have them all the same.
  USE_BIAS: ClassVar[bool] = True

  width: int = 64
  blocks: int = 9
  upsample: str = "transpose"
  downsample: str = "stride"
  initializer: str = "normal"
  dtype: Any = jnp.float32

  def __call__(self, images: jax.Array) -> jax.Array:
    """Translates; the collection "taps", if mutable, gets the features of `TAPS`."""
    if not self.is_initializing():
      self.sow("taps", "pixels", images, reduce_fn=lambda _, new: new)
    return self.advance(residual_chain.Carry(images)).x

  def plan(self) -> tuple[Layer, ...]:
    """All 2 * blocks + 6 layers; only the last is not normalized."""
    width, stride = self.width, 1 if self.downsample == "blur" else 2
    taps = {min(5, self.blocks): "block5", 1: "block1"}
    first, *others = residual_chain.residuals(self.blocks, 4 * width, taps)
    padding = {"transpose": ((1, 2), (1, 2)), "nearest": "reflect", "bilinear": _ONE}
    grow = dict(resample=self.upsample, padding=padding[self.upsample])
    # With blurring, a layer halves the input of the next one.
    shrunk = dict(resample="blur" if stride == 1 else "")
    down = dict(stride=stride, padding=_ONE)
    return (
      Layer("contract1", width, kernel=7),
      Layer("contract2", 2 * width, tap="down1", **down),
      Layer("contract3", 4 * width, tap="down2", **down, **shrunk),
      first._replace(**shrunk),
      *others,
      Layer("expand1", 2 * width, **grow),
      Layer("expand2", width, **grow),
      Layer("expand3", 3, kernel=7, normalized=False, then="tanh"),
    )

  def kernel_init(self) -> nn.initializers.Initializer:
    """See `initializer`."""
    return INITIALIZERS[self.initializer]

  def normalize(
    self,
    layer: Layer,
    x: jax.Array,
    style: None,
    statistics: instance_norm.Moments | None,
    keep: float,
  ) -> jax.Array:
    """Instance normalization without weights."""
    return instance_norm.normalize(x, instance_norm.used(x, statistics, keep))


class Discriminator(nn.Module):
  """Images [n, h, w, 3] to logits [n, h', w', 1] of overlapping patches.

  Attributes:
    width: channels of the first convolution; they double up to 8 times as many.
    downsample: "stride" (patches of 70 pixels) or "blur" (of 84).
    initializer: of the kernels, a name of `INITIALIZERS`.
    dtype: of the computation; weights and logits are float32.
  """

  width: int = 64
  downsample: str = "stride"
  initializer: str = "normal"
  dtype: Any = jnp.float32

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    if min(x.shape[1:3]) < LEAST:
      raise ValueError(f"images {x.shape} must have sides of {LEAST} or more.")
    x, blurs = x.astype(self.dtype), self.downsample == "blur"
    for i in range(4):
      x = self._convolve(
        f"conv{i + 1}", x, self.width * 2**i, 2 if i < 3 and not blurs else 1
      )
      if i:
        x = instance_norm.normalize(x, instance_norm.moments(x))
      x = nn.leaky_relu(x, 0.2)
      x = doubling.blur(x) if i < 3 and blurs else x
    return self._convolve("conv5", x, 1, 1).astype(jnp.float32)

  def _convolve(self, name: str, x: jax.Array, features: int, stride: int):
    init = INITIALIZERS[self.initializer]
    return layers.Conv(
      features, (4, 4), stride, _ONE, kernel_init=init, dtype=self.dtype, name=name
    )(x)


class Heads(nn.Module):
  """CUT's projections: two dense layers for each tap, to vectors of length 1.

  Attributes:
    features: length of the vectors, and of the layer before.
    initializer: of the kernels, a name of `INITIALIZERS`.
  """

  features: int = 256
  initializer: str = "small"

  @nn.compact
  def __call__(self, taps: Mapping[str, jax.Array]) -> dict[str, jax.Array]:
    """{tap: [n, patches, channels]} to {tap: [n, patches, features]}, float32."""
    init = INITIALIZERS[self.initializer]

    def project(name, x):
      x = layers.Dense(self.features, kernel_init=init, name=f"{name}_1")(x)
      x = layers.Dense(self.features, kernel_init=init, name=f"{name}_2")(nn.relu(x))
      # The root's gradient at zero is infinite.
      squares = jnp.maximum(jnp.sum(x * x, -1, keepdims=True), 1e-30)
      return x / (jnp.sqrt(squares) + 1e-7)

    return {name: project(name, x.astype(jnp.float32)) for name, x in taps.items()}
