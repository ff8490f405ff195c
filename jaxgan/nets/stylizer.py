"""The network that repaints a photograph in one of many styles, or in a mixture.

Dumoulin et al., 2017 (arXiv:1610.07629): Johnson's network (2016) with reflected
borders, upsampling before convolution, and conditional instance normalization after
all 16 convolutions. 1,674,432 weights are shared; a style has 3,206 of its own.
"""

from typing import Any, NamedTuple

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.nets import instance_norm, layers

UPSAMPLING = ("bilinear", "nearest", "transpose")
MULTIPLE = 4  # Sides of the images must be divisible by it.


class Start(NamedTuple):
  """Initial weights: of kernels, and scales by the activation after a normalization."""

  kernel: nn.initializers.Initializer
  scales: dict[str, float]


INITIALIZERS = {
  "published": Start(nn.initializers.normal(0.01), {}),
  "quick": Start(nn.initializers.he_normal(), {"add": 0.0, "sigmoid": 0.3}),
}


class Layer(NamedTuple):
  """A convolution, and what is computed after its normalization.

  Attributes:
    name: of the convolution; its normalization is "{name}_norm".
    features: channels of the output.
    kernel: side of the kernel.
    stride: of the convolution.
    grow: whether its input is upsampled to twice the size.
    then: "relu", "sigmoid", or "add", which adds the input of the residual block.
    opens: whether it is the first of a residual block.
  """

  name: str
  features: int
  kernel: int = 3
  stride: int = 1
  grow: bool = False
  then: str = "relu"
  opens: bool = False


def plan(width: int) -> tuple[Layer, ...]:
  """The 16 layers of a network whose first has `width` features."""
  body = [
    layer
    for i in range(1, 6)
    for layer in (
      Layer(f"residual{i}_1", 4 * width, opens=True),
      Layer(f"residual{i}_2", 4 * width, then="add"),
    )
  ]
  return (
    Layer("contract1", width, kernel=9),
    Layer("contract2", 2 * width, stride=2),
    Layer("contract3", 4 * width, stride=2),
    *body,
    Layer("expand1", 2 * width, grow=True),
    Layer("expand2", width, grow=True),
    Layer("expand3", 3, kernel=9, then="sigmoid"),
  )


class Carry(NamedTuple):
  """A convolution's output, and the input of the residual block that it is in."""

  x: jax.Array
  skip: jax.Array | None = None


class Stylizer(nn.Module):
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
    return self.advance(Carry(images), style).x

  @nn.compact
  def advance(
    self,
    carry: Carry,
    style: jax.Array,
    first: int = 0,
    stop: int = 17,
    statistics: Any = None,
    keep: float = 1.0,
  ) -> Carry:
    """Some of the layers, so that large images can be computed in parts.

    Args:
      carry: what the layers before `first` gave; the images for 0.
      style: as for the whole network.
      first: convolution to begin with, after the normalization before it.
      stop: the first convolution left out; 17 also normalizes the last.
      statistics: `Moments` to normalize each convolution's output with, or None for the
        image's own.
      keep: share of `statistics`; the rest is the image's own.

    Returns:
      The output of convolution `stop - 1`, not normalized yet; the final RGB for 17.
    """
    if carry.x.ndim != 4 or 0 in carry.x.shape[1:3]:
      raise ValueError(f"images must be [n, h, w, 3], not {carry.x.shape}")
    rows = plan(self.width)
    x, skip = carry
    if first == 0:
      if x.shape[1] % MULTIPLE or x.shape[2] % MULTIPLE:
        raise ValueError(f"sides must be divisible by {MULTIPLE}, unlike {x.shape}")
      x = x.astype(self.dtype)
    for i in range(first, stop):
      if i:
        before = rows[i - 1]
        scales = INITIALIZERS[self.initializer].scales
        norm = instance_norm.ConditionalInstanceNorm(
          self.num_styles, scales.get(before.then, 1.0), name=f"{before.name}_norm"
        )
        x = norm(x, style, statistics[i - 1] if statistics else None, keep)
        x = _then(before.then, x, skip)
      if i < len(rows):
        skip = x if rows[i].opens else skip
        x = self._convolve(rows[i], x)
    return Carry(x, skip if stop < 14 else None)

  def _convolve(self, layer: Layer, x: jax.Array) -> jax.Array:
    options = dict(
      use_bias=False,
      dtype=self.dtype,
      name=layer.name,
      kernel_init=INITIALIZERS[self.initializer].kernel,
    )
    size = (layer.kernel,) * 2
    if layer.grow and self.upsample == "transpose":
      return layers.ConvTranspose(layer.features, size, 2, **options)(x)
    if layer.grow:
      x = nearest(x) if self.upsample == "nearest" else bilinear(x)
    x = layers.reflect_pad(x, layer.kernel // 2)
    return layers.Conv(layer.features, size, layer.stride, "VALID", **options)(x)


def _then(name: str, x: jax.Array, skip: jax.Array | None) -> jax.Array:
  if name == "add":
    return skip + x
  if name == "relu":
    return nn.relu(x)
  return nn.sigmoid(x.astype(jnp.float32))


def nearest(x: jax.Array) -> jax.Array:
  """Images [n, h, w, c] at twice the size, each pixel four times."""
  n, h, w, c = x.shape
  return jnp.broadcast_to(x[:, :, None, :, None], (n, h, 2, w, 2, c)).reshape(
    n, 2 * h, 2 * w, c
  )


@jax.jit  # Exports know it by name.
def bilinear(x: jax.Array) -> jax.Array:
  """Images [n, h, w, c] at twice the size: new pixels lie a quarter off the old."""
  for axis in (1, 2):
    x = _doubled(x, axis)
  return x


def _doubled(x: jax.Array, axis: int) -> jax.Array:
  size = x.shape[axis]
  part = lambda start, stop: jax.lax.slice_in_dim(x, start, stop, axis=axis)
  before = jnp.concatenate([part(0, 1), part(0, size - 1)], axis)
  after = jnp.concatenate([part(1, size), part(size - 1, size)], axis)
  both = jnp.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * after], axis + 1)
  return both.reshape(*x.shape[:axis], 2 * size, *x.shape[axis + 1 :])
