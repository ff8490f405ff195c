"""Linen layers with flax's names and parameters, on this project's lowering."""

from collections.abc import Callable
import math

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.ops import lowering

Initializer = Callable[..., jax.Array]
Pair = int | tuple[int, int]
Padding = int | str | tuple[tuple[int, int], tuple[int, int]]


def torch_uniform(fan_in: int | None = None) -> Initializer:
  """PyTorch's default for convolutions and dense layers: U(-1, 1) / sqrt(fan_in).

  Args:
    fan_in: inputs that one output sums; None takes it from the kernel's shape. For a
      transposed convolution PyTorch counts out_channels * kh * kw: pass that.
  """

  def init(key, shape, dtype=jnp.float32):
    bound = 1 / math.sqrt(fan_in or math.prod(shape[:-1]))
    return jax.random.uniform(key, shape, dtype, -bound, bound)

  return init


def _pair(value: Pair) -> tuple[int, int]:
  return (value, value) if isinstance(value, int) else tuple(value)


def _explicit(padding: Padding):
  return ((padding, padding),) * 2 if isinstance(padding, int) else padding


def _spectral(module: nn.Module, kernel: jax.Array, epsilon: float = 1e-12):
  """The kernel over its largest singular value (Miyato et al., 2018).

  One power iteration a call, kept in the collection "spectral" when that is mutable.
  """
  matrix = kernel.reshape(-1, kernel.shape[-1]).astype(jnp.float32)
  normal = lambda x: x / (jnp.linalg.norm(x) + epsilon)
  start = lambda: normal(jax.random.normal(module.make_rng("params"), matrix.shape[1:]))
  state = module.variable("spectral", "u", start)
  fixed = jax.lax.stop_gradient(matrix)
  v = normal(fixed @ state.value)
  u = normal(v @ fixed)
  if module.is_mutable_collection("spectral") and not module.is_initializing():
    state.value = u
  return (kernel / (v @ matrix @ u)).astype(kernel.dtype)


class _Linear(nn.Module):
  """What the layers below share: a kernel, perhaps a bias, perhaps normalized.

  Attributes:
    features: channels of the output.
    kernel_size: height and width of the kernel; () for a dense layer.
    strides: steps of the window (Conv), factors of growth (ConvTranspose).
    padding: "SAME", "VALID", one number for every side, or pairs for both axes.
    use_bias: adds a learned bias.
    kernel_init: initializer of "kernel" [kh, kw, c, features].
    bias_init: initializer of "bias" [features].
    dtype: of the computation and the result; None keeps the input's.
    spectral: divides the kernel by its spectral norm; the state is in "spectral".
  """

  features: int
  kernel_size: tuple[int, ...] = ()
  strides: Pair = 1
  padding: Padding = "SAME"
  use_bias: bool = True
  kernel_init: Initializer = nn.initializers.lecun_normal()
  bias_init: Initializer = nn.initializers.zeros
  dtype: jnp.dtype | None = None
  spectral: bool = False

  def apply_kernel(self, x: jax.Array, kernel: jax.Array) -> jax.Array:
    raise NotImplementedError

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    shape = (*self.kernel_size, x.shape[-1], self.features)
    kernel = self.param("kernel", self.kernel_init, shape)
    bias = None
    if self.use_bias:
      bias = self.param("bias", self.bias_init, (self.features,))
    if self.spectral:
      kernel = _spectral(self, kernel)
    x, kernel, bias = nn.dtypes.promote_dtype(x, kernel, bias, dtype=self.dtype)
    y = self.apply_kernel(x, kernel)
    return y if bias is None else y + bias


class Dense(_Linear):
  """nn.Dense: [..., c] to [..., features]."""

  def apply_kernel(self, x, kernel):
    return x @ kernel


def reflect_pad(x: jax.Array, pixels: int) -> jax.Array:
  """Images [n, h, w, c] with mirrored borders, as wide as the image or wider."""
  ends = (pixels, pixels)
  return jnp.pad(x, ((0, 0), ends, ends, (0, 0)), "reflect")


class Conv(_Linear):
  """nn.Conv for images: [n, h, w, c] to [n, h', w', features]."""

  def apply_kernel(self, x, kernel):
    return lowering.conv(
      x, kernel, strides=_pair(self.strides), padding=_explicit(self.padding)
    )


class ConvTranspose(_Linear):
  """nn.ConvTranspose for images: [n, h, w, c] to [n, h', w', features]."""

  def apply_kernel(self, x, kernel):
    return lowering.conv_transpose(
      x, kernel, strides=_pair(self.strides), padding=_explicit(self.padding)
    )


class BatchNorm(nn.Module):
  """nn.BatchNorm over the last axis, with statistics in float32.

  Attributes:
    use_running_average: normalizes by "batch_stats" instead of the batch itself.
    momentum: share of the old running average (PyTorch's momentum is 1 minus this).
    epsilon: added to the variance.
    use_bias: adds the learned "bias".
    use_scale: multiplies by the learned "scale".
    scale_init: initializer of "scale".
    dtype: of the result; None keeps the input's.
  """

  use_running_average: bool | None = None
  momentum: float = 0.9
  epsilon: float = 1e-5
  use_bias: bool = True
  use_scale: bool = True
  scale_init: Initializer = nn.initializers.ones
  dtype: jnp.dtype | None = None

  @nn.compact
  def __call__(
    self, x: jax.Array, use_running_average: bool | None = None
  ) -> jax.Array:
    frozen = nn.merge_param(
      "use_running_average", self.use_running_average, use_running_average
    )
    shape = x.shape[-1:]
    axes = tuple(range(x.ndim - 1))
    running_mean = self.variable("batch_stats", "mean", jnp.zeros, shape)
    running_var = self.variable("batch_stats", "var", jnp.ones, shape)
    if frozen:
      mean, var = running_mean.value, running_var.value
    else:
      wide = x.astype(jnp.float32)
      mean = wide.mean(axes)
      var = jnp.maximum((wide * wide).mean(axes) - mean * mean, 0)
      if not self.is_initializing():
        keep = self.momentum
        running_mean.value = keep * running_mean.value + (1 - keep) * mean
        running_var.value = keep * running_var.value + (1 - keep) * var
    factor = jax.lax.rsqrt(var + self.epsilon)
    if self.use_scale:
      factor = factor * self.param("scale", self.scale_init, shape)
    shift = -mean * factor
    if self.use_bias:
      shift = shift + self.param("bias", nn.initializers.zeros, shape)
    y = x * factor + shift
    return y.astype(self.dtype or x.dtype)
