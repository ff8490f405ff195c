"""Convolutions in the form that is fastest for a backend and a shape.

Images and kernels have the usual shapes. On accelerators these are XLA's own
convolutions. On CPU three bilinear primitives take their place, each the transpose of
the others, so that JAX derives every derivative from them (of any order, forward and
reverse) and each is computed in the form that is fastest for its shape:

  convolve(image, kernel), spread(outputs, kernel), weigh(image, outputs)

On CPU XLA's own derivatives are up to 50 times slower, namely the weight gradient of a
transposed convolution or of an input gradient (WGAN-GP, R1).
"""

from collections.abc import Iterator
import contextlib
import contextvars
import functools

import jax
from jax import lax
from jax.extend import core
from jax.interpreters import ad, batching, mlir
import jax.numpy as jnp

from jaxgan.ops import thin, winograd
from jaxgan.ops.geometry import Geometry, Pair

_DIMENSIONS = ("NHWC", "HWIO", "NHWC")
Padding = str | tuple[Pair, Pair]


_portable = contextvars.ContextVar("portable", default=False)


def native() -> bool:
  """Whether convolutions are XLA's own, as on accelerators."""
  return _portable.get() or jax.default_backend() != "cpu"


@contextlib.contextmanager
def portable() -> Iterator[None]:
  """Has functions traced with XLA's own convolutions, for programs that run elsewhere.

  JAX does not see it, so it is of no use for what is jitted and was traced before.
  """
  token = _portable.set(True)
  try:
    yield
  finally:
    _portable.reset(token)


def conv(
  x: jax.Array, kernel: jax.Array, *, strides: Pair, padding: Padding
) -> jax.Array:
  """Convolution of images [n, h, w, c] with a kernel [kh, kw, c, f].

  Args:
    x: images [n, h, w, c].
    kernel: weights [kh, kw, c, f], of the same dtype.
    strides: steps of the window, down and across.
    padding: "SAME", "VALID" or ((top, bottom), (left, right)).

  Returns:
    [n, h', w', f].

  Raises:
    ValueError: if the shapes do not fit.
  """
  _check(x, kernel)
  if native():
    return lax.conv_general_dilated(
      x, kernel, strides, padding, dimension_numbers=_DIMENSIONS
    )
  image, size = x.shape[1:3], kernel.shape[:2]
  if isinstance(padding, str):
    padding = lax.padtype_to_pads(image, size, strides, padding)
  pads = tuple((before, after) for before, after in padding)
  geometry = Geometry(image, size, tuple(strides), pads)
  return _convolve.bind(x, kernel, geometry=geometry)


def conv_transpose(
  x: jax.Array, kernel: jax.Array, *, strides: Pair, padding: Padding
) -> jax.Array:
  """Transposed convolution with the semantics of `jax.lax.conv_transpose`.

  Args:
    x: images [n, h, w, c].
    kernel: weights [kh, kw, c, f], of the same dtype.
    strides: the factors by which the image grows, down and across.
    padding: "SAME" (h' = h * stride), "VALID", or what is added to the dilated image.

  Returns:
    [n, h', w', f].

  Raises:
    ValueError: if the shapes do not fit.
  """
  _check(x, kernel)
  if native():
    return lax.conv_transpose(
      x, kernel, strides, padding, dimension_numbers=_DIMENSIONS
    )
  size = kernel.shape[:2]
  if isinstance(padding, str):
    padding = [_grown(k, s, padding) for k, s in zip(size, strides, strict=True)]
  sides = list(zip(x.shape[1:3], size, strides, padding, strict=True))
  image = tuple((h - 1) * s + 2 + sum(pads) - k for h, k, s, pads in sides)
  pads = tuple((k - 1 - before, k - 1 - after) for _, k, _, (before, after) in sides)
  geometry = Geometry(image, size, tuple(strides), pads, turned=True)
  return _spread.bind(x, kernel, geometry=geometry)


def _check(x: jax.Array, kernel: jax.Array):
  if x.ndim != 4 or kernel.ndim != 4 or x.shape[3] != kernel.shape[2]:
    raise ValueError(
      f"images {x.shape} and kernel {kernel.shape} are not [n, h, w, c] and "
      "[kh, kw, c, f]."
    )


def _grown(kernel: int, stride: int, padding: str) -> Pair:
  """The zeros that `lax.conv_transpose` adds before and after a dilated axis."""
  if padding == "VALID":
    return kernel - 1, max(kernel, stride) - 1
  if padding != "SAME":
    raise ValueError(f"padding {padding!r} is not 'SAME', 'VALID' or pairs.")
  total = kernel + stride - 2
  before = kernel - 1 if stride > kernel - 1 else -(-total // 2)
  return before, total - before


def _minimal(dtype, channels: int, features: int, geometry: Geometry) -> bool:
  """Whether minimal filtering is the faster form on CPU, in float32.

  It must save products: it needs 9/16 of them for 4x4 kernels of stride 2 and 4/9 for
  3x3 of stride 1, but all of them for 3x3 of stride 2. And they must outweigh its
  additions: measured, it wins from 64 channels on one side and 128 on the other.
  """
  return (
    dtype == jnp.float32
    and winograd.products(geometry) <= 0.6
    and channels * features >= 40 * (channels + features)
  )


def _minimal_image(dtype, channels: int, features: int, geometry: Geometry) -> bool:
  """The same for outputs computed from an image, which take one transform less.

  3x3 of stride 1 wins (twice as fast) from 64 channels on both sides. But it takes half
  a second to compile, which small images do not make up for.
  """
  pixels = geometry.outputs[0] * geometry.outputs[1]
  return _minimal(dtype, channels, features, geometry) or (
    dtype == jnp.float32
    and winograd.products(geometry) <= 0.45
    and channels * features >= 32 * (channels + features)
    and pixels >= 80 * 80
  )


def _few_outputs(channels: int, features: int, geometry: Geometry) -> bool:
  """Whether the outputs have so few channels that shifted matmuls are faster.

  Measured: 0.5 ms instead of 2.9 from 64 channels to 3 by a 3x3 kernel at 86x128, 36
  instead of 304 from 32 to 3 by 9x9 at 264x264.
  """
  return geometry.strides == (1, 1) and features <= 4 and channels >= 16


def _few_inputs(channels: int, features: int, geometry: Geometry) -> bool:
  """Whether an image has so few channels that blocks of its pixels are faster.

  Measured: 23 ms instead of 89 from 3 channels to 32 by 9x9. The weight gradient, and
  3x3 kernels, are faster by XLA's own convolution.
  """
  return (
    geometry.strides == (1, 1)
    and min(geometry.kernel) >= 5
    and channels <= 4 < features
  )


def _shifts(channels: int, features: int, geometry: Geometry) -> bool:
  """Whether a kernel's gradient is fastest as one matmul of shifted arrays.

  Measured at 167x250 from 64 channels to 64: 29 ms instead of 35 for one image, 51
  instead of 90 for two.
  """
  return _few_outputs(channels, features, geometry) or (
    geometry.strides == (1, 1)
    and geometry.kernel[1] > 1
    and min(channels, features) >= 32
  )


def _channels(kernel_shape, geometry: Geometry) -> Pair:
  """Channels of the image and of the outputs."""
  return kernel_shape[:1:-1] if geometry.turned else kernel_shape[2:]


def _upright(kernel, geometry: Geometry):
  """The kernel as [kh, kw, c, f], or back."""
  return kernel[::-1, ::-1].swapaxes(2, 3) if geometry.turned else kernel


def _native(x, kernel, geometry: Geometry):
  kernel = _upright(kernel, geometry)
  return lax.conv_general_dilated(
    x, kernel, geometry.strides, geometry.padding, dimension_numbers=_DIMENSIONS
  )


def _run_convolve(x, kernel, *, geometry: Geometry):
  channels = _channels(kernel.shape, geometry)
  if _minimal_image(x.dtype, *channels, geometry):
    return winograd.convolve(x, kernel, geometry)
  if _few_outputs(*channels, geometry):
    return thin.gather(x, _upright(kernel, geometry), geometry)
  if _few_inputs(*channels, geometry):
    return thin.blocks(x, _upright(kernel, geometry), geometry)
  return _native(x, kernel, geometry)


def _run_spread(y, kernel, *, geometry: Geometry):
  if geometry.strides == (1, 1):
    return _run_convolve(y, kernel, geometry=geometry.reverse())
  if _minimal(y.dtype, *_channels(kernel.shape, geometry), geometry):
    return winograd.spread(y, kernel, geometry)
  shape = _image_shape(y.shape, kernel.shape, geometry)
  image = jax.ShapeDtypeStruct(shape, y.dtype)
  return jax.linear_transpose(lambda x: _native(x, kernel, geometry), image)(y)[0]


def _run_weigh(x, y, *, geometry: Geometry):
  if _minimal(x.dtype, x.shape[3], y.shape[3], geometry):
    return winograd.weigh(x, y, geometry)
  if _shifts(x.shape[3], y.shape[3], geometry):
    return _upright(thin.weigh(x, y, geometry), geometry)
  kernel = jax.ShapeDtypeStruct(_kernel_shape(x.shape, y.shape, geometry), x.dtype)
  return jax.linear_transpose(lambda w: _native(x, w, geometry), kernel)(y)[0]


def _outputs_shape(image_shape, kernel_shape, geometry: Geometry):
  return image_shape[0], *geometry.outputs, _channels(kernel_shape, geometry)[1]


def _image_shape(outputs_shape, kernel_shape, geometry: Geometry):
  return outputs_shape[0], *geometry.image, _channels(kernel_shape, geometry)[0]


def _kernel_shape(image_shape, outputs_shape, geometry: Geometry):
  last = image_shape[3], outputs_shape[3]
  return *geometry.kernel, *(last[::-1] if geometry.turned else last)


def _primitive(name: str, run, shape) -> core.Primitive:
  """A primitive that `run` computes; `shape` gives the shape of its result."""
  primitive = core.Primitive(name)
  primitive.def_impl(jax.jit(run, static_argnames="geometry"))

  @primitive.def_abstract_eval
  def _(a, b, *, geometry):
    return a.update(shape=shape(a.shape, b.shape, geometry), weak_type=False)

  def batch(args, axes, *, geometry):
    return jax.vmap(functools.partial(run, geometry=geometry), axes)(*args), 0

  mlir.register_lowering(primitive, mlir.lower_fun(run, multiple_results=False))
  batching.primitive_batchers[primitive] = batch
  return primitive


_convolve = _primitive("convolve", _run_convolve, _outputs_shape)
_spread = _primitive("spread", _run_spread, _image_shape)
_weigh = _primitive("weigh", _run_weigh, _kernel_shape)
# Each rule is the transpose with respect to the first or to the second argument.
ad.defbilinear(
  _convolve,
  lambda ct, x, kernel, **sizes: _spread.bind(ct, kernel, **sizes),
  lambda ct, x, kernel, **sizes: _weigh.bind(x, ct, **sizes),
)
ad.defbilinear(
  _spread,
  lambda ct, y, kernel, **sizes: _convolve.bind(ct, kernel, **sizes),
  lambda ct, y, kernel, **sizes: _weigh.bind(ct, y, **sizes),
)
ad.defbilinear(
  _weigh,
  lambda ct, x, y, **sizes: _spread.bind(y, ct, **sizes),
  lambda ct, x, y, **sizes: _convolve.bind(x, ct, **sizes),
)
