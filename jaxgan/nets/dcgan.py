"""DCGAN (Radford et al., 2016) for images of any size, conditional if there are labels.

A layer plan says how the networks grow and shrink. `plan` derives one from the image's
shape; 96x96 gives the published anime-face networks: 4x4x512, 8x8x256, 16x16x128,
32x32x64 and the image, 3,578,432 and 2,767,296 parameters at width 64.
"""

from collections.abc import Mapping, Sequence
import functools
from typing import NamedTuple

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.nets import layers

Labels = Mapping[str, jax.Array]
Classes = tuple[tuple[str, int], ...]  # (attribute, number of its values), ...


class Layer(NamedTuple):
  """One step from the image to the base, as the discriminator takes it.

  `size` is (height, width) before it, `features` the channels after it. The generator
  takes the same steps backwards.
  """

  size: tuple[int, int]
  features: int
  kernel: int
  stride: int
  padding: str = "SAME"


def plan(size: tuple[int, int], width: int = 64, stride: int = 3) -> tuple[Layer, ...]:
  """Layers from an image of `size` = (h, w) down to a base of 3 to 7 pixels.

  The layer at the image has kernel 5 and stride 3 where that leads to a base of 4 (24,
  48, 96, 192 pixels), unless `stride` is 2; all others have kernel 4 and stride 2. Odd
  sizes are halved upwards (25, 13, 7), features doubled up to eight times `width`.

  Raises:
    ValueError: if a side is under 8 pixels.
  """
  if min(size) < 8:
    raise ValueError(f"images of {size[0]}x{size[1]} are under 8 pixels.")
  thirds = min(size) // 3
  by_three = all(n % 3 == 0 for n in size) and thirds >= 8 and not thirds & (thirds - 1)
  steps, features = [], width
  kernel, stride = (5, 3) if by_three and stride == 3 else (4, 2)
  while not steps or min(size) > 7:
    steps.append(Layer(size, features, kernel, stride))
    size = tuple(-(-n // stride) for n in size)
    features, kernel, stride = min(2 * features, 8 * width), 4, 2
  return tuple(steps)


def base_size(steps: Sequence[Layer]) -> tuple[int, int]:
  """Height and width below the last layer of a plan."""
  last = steps[-1]
  if last.padding == "VALID":
    return tuple((n - last.kernel) // last.stride + 1 for n in last.size)
  return tuple(-(-n // last.stride) for n in last.size)


def _kernel_init(name: str, fan_in: int):
  """Initializer by name: the DCGAN paper's, PyTorch's and TensorFlow 1's default, He's.

  "smooth" is the paper's, but for transposed convolutions: see `smooth_upsampling`.

  He's keeps the variance where leaky ReLU of slope 0.2 follows and nothing normalizes.
  """
  return {
    "dcgan": nn.initializers.normal(0.02),
    "smooth": nn.initializers.normal(0.02),
    "torch": layers.torch_uniform(fan_in),
    "glorot": nn.initializers.glorot_uniform(),
    "he": nn.initializers.variance_scaling(2 / 1.04, "fan_in", "normal"),
  }[name]


def smooth_upsampling(stride: int):
  """Initializer of a transposed convolution that begins without a checkerboard.

  Each pair of channels begins as a bilinear enlargement by the stride, times a number
  from N(0, 1 / inputs).
  """

  def init(key, shape, dtype=jnp.float32):
    mixing = jax.random.normal(key, shape[2:], dtype) / shape[2] ** 0.5
    ramps = [
      jnp.maximum(1 - jnp.abs(jnp.arange(n) - (n - 1) / 2) / stride, 0)
      for n in shape[:2]
    ]
    return jnp.einsum("i,j,ab->ijab", *ramps, mixing)

  return init


def _scale_init(name: str):
  """Batch norm's scales: N(1, 0.02) in the DCGAN paper's code, else 1."""
  normal = nn.initializers.normal(0.02)
  if name == "dcgan":
    return lambda *args: 1.0 + normal(*args)
  return nn.initializers.ones


class Normalization(nn.Module):
  """Batch norm whose scale and bias depend on the labels, if there are classes.

  Each attribute adds a row of its own to a common scale and bias (de Vries et al.,
  2017); the label -1, unknown, adds nothing.
  """

  classes: Classes = ()
  momentum: float = 0.9
  epsilon: float = 1e-5
  initializer: str = "dcgan"
  dtype: jnp.dtype | None = None

  @nn.compact
  def __call__(self, x: jax.Array, labels: Labels, train: bool) -> jax.Array:
    x = layers.BatchNorm(
      use_running_average=not train,
      momentum=self.momentum,
      epsilon=self.epsilon,
      scale_init=_scale_init(self.initializer),
      dtype=self.dtype,
    )(x)
    scale, bias = jnp.ones(()), jnp.zeros(())
    for name, count in self.classes:
      table = nn.Embed(
        count,
        2 * x.shape[-1],
        name=f"{name}_table",
        embedding_init=nn.initializers.zeros,
      )
      row = rows(table, labels[name])[:, None, None, :]
      scale, bias = scale + row[..., : x.shape[-1]], bias + row[..., x.shape[-1] :]
    return (x * scale + bias).astype(x.dtype) if self.classes else x


def rows(table: nn.Embed, labels: jax.Array) -> jax.Array:
  """Rows of an embedding [n, d] for labels [n]; zeros for the label -1."""
  return jnp.where((labels >= 0)[:, None], table(jnp.maximum(labels, 0)), 0.0)


class Generator(nn.Module):
  """Latents [n, d] to images [n, h, w, channels] in [-1, 1].

  Attributes:
    layers: the plan of the discriminator it mirrors.
    channels: of the images.
    classes: attributes and their numbers of values, for a conditional generator.
    slope: of leaky ReLU; 0 is ReLU.
    dropout: rate after each activation, in training only.
    use_bias: whether convolutions have one.
    momentum, epsilon: of batch norm.
    initializer: "dcgan", "torch", "glorot", "he" or "smooth".
    dtype: of the computation; parameters, statistics and the result are float32.
  """

  layers: tuple[Layer, ...]
  channels: int = 3
  classes: Classes = ()
  slope: float = 0.0
  dropout: float = 0.0
  use_bias: bool = False
  momentum: float = 0.9
  epsilon: float = 1e-5
  initializer: str = "dcgan"
  dtype: jnp.dtype = jnp.float32

  @nn.compact
  def __call__(
    self, z: jax.Array, labels: Labels | None = None, *, train: bool
  ) -> jax.Array:
    def finish(x):
      x = Normalization(
        self.classes, self.momentum, self.epsilon, self.initializer, self.dtype
      )(x, labels or {}, train)
      x = nn.leaky_relu(x, self.slope)
      return nn.Dropout(self.dropout, deterministic=not train)(x)

    make = functools.partial(dict, use_bias=self.use_bias, dtype=self.dtype)
    h, w = base_size(self.layers)
    features = self.layers[-1].features
    # A transposed 4x4 convolution of a 1x1 image is a dense layer.
    dense = nn.Dense(
      h * w * features,
      **make(kernel_init=_kernel_init(self.initializer, h * w * features)),
    )
    x = finish(dense(z).reshape(-1, h, w, features))
    outputs = (self.channels, *(layer.features for layer in self.layers))
    for i in reversed(range(len(self.layers))):
      size, _, kernel, stride, padding = self.layers[i]
      kernel_init = _kernel_init(self.initializer, outputs[i] * kernel**2)
      if self.initializer == "smooth":
        kernel_init = smooth_upsampling(stride)
      up = layers.ConvTranspose(
        outputs[i],
        (kernel, kernel),
        strides=stride,
        padding=padding,
        **make(kernel_init=kernel_init),
      )
      x = up(x)[:, : size[0], : size[1]]  # 7 pixels double to 14, but 4 to 7.
      x = finish(x) if i else jnp.tanh(x.astype(jnp.float32))
    return x


class Discriminator(nn.Module):
  """Images [n, h, w, c] in [-1, 1] to logits [n].

  With classes it is a projection discriminator (Miyato and Koyama, 2018): the inner
  product of each label's embedding and the features, summed over space, is added to the
  logit.

  Attributes:
    layers: the plan.
    norm: "batch" (all layers but the first), "spectral" (every kernel) or "none". A
      gradient penalty needs one of the latter two: batch norm makes the logit of an
      image depend on the others.
    classes, slope, dropout, use_bias, momentum, epsilon, initializer, dtype: as in
      `Generator`.
  """

  layers: tuple[Layer, ...]
  classes: Classes = ()
  slope: float = 0.2
  dropout: float = 0.0
  use_bias: bool = False
  norm: str = "batch"
  momentum: float = 0.9
  epsilon: float = 1e-5
  initializer: str = "dcgan"
  dtype: jnp.dtype = jnp.float32

  @nn.compact
  def __call__(
    self, x: jax.Array, labels: Labels | None = None, *, train: bool
  ) -> jax.Array:
    make = functools.partial(dict, dtype=self.dtype, spectral=self.norm == "spectral")
    use_bias = self.use_bias or self.norm != "batch"
    for i, (_, features, kernel, stride, padding) in enumerate(self.layers):
      x = layers.Conv(
        features,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        **make(
          use_bias=use_bias,
          kernel_init=_kernel_init(self.initializer, x.shape[-1] * kernel**2),
        ),
      )(x)
      if i and self.norm == "batch":
        x = Normalization(
          (), self.momentum, self.epsilon, self.initializer, self.dtype
        )(x, {}, train)
      x = nn.leaky_relu(x, self.slope)
      x = nn.Dropout(self.dropout, deterministic=not train)(x)
    flat = x.reshape(x.shape[0], -1)
    # A 4x4 convolution of a 4x4 image is a dense layer.
    logits = layers.Dense(
      1,
      **make(
        use_bias=self.use_bias,
        kernel_init=_kernel_init(self.initializer, flat.shape[-1]),
      ),
    )(flat)[:, 0]
    pooled = x.sum((1, 2)).astype(jnp.float32)
    logits = logits.astype(jnp.float32)
    for name, count in self.classes:
      table = nn.Embed(
        count,
        x.shape[-1],
        name=f"{name}_table",
        embedding_init=nn.initializers.normal(0.02),
      )
      logits += jnp.sum(rows(table, labels[name]) * pooled, axis=-1)
    return logits
