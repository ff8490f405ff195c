"""Linen layers with flax's names and parameters, on this project's convolutions."""

from collections.abc import Callable
import functools
import math

from flax import linen as nn
import jax
import jax.numpy as jnp

from jaxgan.ops import lowering

Initializer = Callable[..., jax.Array]
_EPSILON = 1e-12  # Of spectral norm, where vectors are divided by their length.


def torch_uniform(fan_in: int) -> Initializer:
  """PyTorch's default for convolutions and dense layers: U(-1, 1) / sqrt(fan_in).

  Args:
    fan_in: inputs that one output sums. For a transposed convolution PyTorch counts
      out_channels * kh * kw.
  """

  def init(key, shape, dtype=jnp.float32):
    bound = 1 / math.sqrt(fan_in)
    return jax.random.uniform(key, shape, dtype, -bound, bound)

  return init


@functools.partial(jax.jit, static_argnames="pixels")  # Exports know it by name.
def reflect_pad(x: jax.Array, pixels: int) -> jax.Array:
  """Images [n, h, w, c] with mirrored borders, which may be wider than the image."""
  ends = (pixels, pixels)
  # Under vmap, since a batch of unknown size cannot be padded, by 0 neither.
  return jax.vmap(lambda image: jnp.pad(image, (ends, ends, (0, 0)), "reflect"))(x)


def _divide_by_spectral_norm(module: nn.Module, kernel: jax.Array) -> jax.Array:
  """The kernel over its largest singular value (Miyato et al., 2018).

  Each call does one power iteration and keeps it in the collection "spectral" if that
  is mutable. flax's SpectralNorm keeps another state, among the batch statistics, and
  needs to be told at every call whether to update it.
  """
  matrix = kernel.reshape(-1, kernel.shape[-1]).astype(jnp.float32)
  normalize = lambda x: x / (jnp.linalg.norm(x) + _EPSILON)
  start = lambda: normalize(
    jax.random.normal(module.make_rng("params"), matrix.shape[1:])
  )
  state = module.variable("spectral", "u", start)
  fixed = jax.lax.stop_gradient(matrix)
  v = normalize(fixed @ state.value)
  u = normalize(v @ fixed)
  if module.is_mutable_collection("spectral") and not module.is_initializing():
    state.value = u
  return (kernel / (v @ matrix @ u)).astype(kernel.dtype)


class _Linear(nn.Module):
  """What the layers below share: a kernel, perhaps a bias, perhaps spectral norm.

  Attributes:
    features: channels of the output.
    kernel_size: (height, width) of the kernel; () for a dense layer.
    strides: pixels between windows (Conv), factor of growth (ConvTranspose).
    padding: "SAME", "VALID" or ((top, bottom), (left, right)); see `ops.lowering`.
    use_bias: adds a learned bias.
    kernel_init: initializer of "kernel" [kh, kw, c, features].
    bias_init: initializer of "bias" [features].
    dtype: of the computation and the result; None keeps the input's.
    spectral: divides the kernel by its spectral norm; the state is in "spectral".
  """

  features: int
  kernel_size: tuple[int, ...] = ()
  strides: int = 1
  padding: lowering.Padding = "SAME"
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
      kernel = _divide_by_spectral_norm(self, kernel)
    x, kernel, bias = nn.dtypes.promote_dtype(x, kernel, bias, dtype=self.dtype)
    y = self.apply_kernel(x, kernel)
    return y if bias is None else y + bias


class Dense(_Linear):
  """nn.Dense, with spectral norm on request: [..., c] to [..., features]."""

  def apply_kernel(self, x, kernel):
    return x @ kernel


class Conv(_Linear):
  """nn.Conv for images: [n, h, w, c] to [n, h', w', features]."""

  def apply_kernel(self, x, kernel):
    strides = (self.strides, self.strides)
    return lowering.conv(x, kernel, strides=strides, padding=self.padding)


class ConvTranspose(_Linear):
  """nn.ConvTranspose for images: [n, h, w, c] to [n, h', w', features]."""

  def apply_kernel(self, x, kernel):
    strides = (self.strides, self.strides)
    return lowering.conv_transpose(x, kernel, strides=strides, padding=self.padding)


class BatchNorm(nn.Module):
  """nn.BatchNorm over the last axis, with statistics in float32.

  One product and one sum a value: with flax's, which takes one more, a step of
  `dcgan_anime` takes 8 % more processor time (1.97 s instead of 1.78).

  Attributes:
    use_running_average: normalizes by "batch_stats" instead of the batch itself.
    momentum: share of the old running average (PyTorch's momentum is 1 minus this).
    epsilon: added to the variance.
    scale_init: initializer of "scale".
    dtype: of the result; None keeps the input's.
  """

  use_running_average: bool
  momentum: float = 0.9
  epsilon: float = 1e-5
  scale_init: Initializer = nn.initializers.ones
  dtype: jnp.dtype | None = None

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    shape = x.shape[-1:]
    running_mean = self.variable("batch_stats", "mean", jnp.zeros, shape)
    running_var = self.variable("batch_stats", "var", jnp.ones, shape)
    scale = self.param("scale", self.scale_init, shape)
    bias = self.param("bias", nn.initializers.zeros, shape)
    if self.use_running_average:
      mean, var = running_mean.value, running_var.value
    else:
      axes, wide = tuple(range(x.ndim - 1)), x.astype(jnp.float32)
      mean = wide.mean(axes)
      var = jnp.maximum((wide * wide).mean(axes) - mean * mean, 0)
      if not self.is_initializing():
        keep = self.momentum
        running_mean.value = keep * running_mean.value + (1 - keep) * mean
        running_var.value = keep * running_var.value + (1 - keep) * var
    factor = jax.lax.rsqrt(var + self.epsilon) * scale
    return (x * factor + (bias - mean * factor)).astype(self.dtype or x.dtype)
