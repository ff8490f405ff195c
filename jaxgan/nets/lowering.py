"""Convolutions, lowered by backend and shape; parameters keep the usual shapes.

On accelerators these are XLA's own convolutions. On CPU three bilinear primitives take
their place, each the transpose of the others, so that JAX derives every derivative from
them (of any order, forward and reverse) and each runs in its own fastest form:

  convolve(image, kernel), spread(outputs, kernel), weigh(image, outputs)

There XLA's own derivatives are 50 times slower in one case that matters: the weight
gradient of a transposed convolution, or of an input gradient (WGAN-GP, R1).
"""

import functools

import jax
from jax import lax
from jax.extend import core
from jax.interpreters import ad, batching, mlir
import jax.numpy as jnp

from jaxgan.nets import winograd
from jaxgan.nets.geometry import Geometry, Pair

_DIMENSIONS = ("NHWC", "HWIO", "NHWC")
Padding = str | tuple[Pair, Pair]


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
  if jax.default_backend() != "cpu":
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
  if jax.default_backend() != "cpu":
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
  3x3 of stride 1, but all of them for 3x3 of stride 2. And its additions must be few
  beside them: measured, it wins from 64 channels of one kind and 128 of the other.
  """
  return (
    dtype == jnp.float32
    and winograd.products(geometry) <= 0.6
    and channels * features >= 40 * (channels + features)
  )


def _minimal_image(dtype, channels: int, features: int, geometry: Geometry) -> bool:
  """The same of images, which one fewer transform makes cheaper than of kernels.

  3x3 of stride 1 wins (twice as fast) from 64 channels of both kinds. But it takes half
  a second to compile, so that small images are not worth it.
  """
  pixels = geometry.outputs[0] * geometry.outputs[1]
  return _minimal(dtype, channels, features, geometry) or (
    dtype == jnp.float32
    and winograd.products(geometry) <= 0.45
    and channels * features >= 32 * (channels + features)
    and pixels >= 80 * 80
  )


def _few_outputs(channels: int, features: int, geometry: Geometry) -> bool:
  """Whether a convolution ends in so few channels that XLA's own wastes its time."""
  return geometry.strides == (1, 1) and features <= 4 and channels >= 16


def _plain(kernel, geometry: Geometry):
  """The kernel as [kh, kw, c, f], or back."""
  return kernel[::-1, ::-1].swapaxes(2, 3) if geometry.turned else kernel


def _shifts(geometry: Geometry):
  """Each tap of the kernel with where it lies: its row and column in the image."""
  (top, _), (left, _) = geometry.padding
  rows, columns = geometry.kernel
  return [(i - top, j - left) for i in range(rows) for j in range(columns)]


def _moved(x, corner: Pair, size: Pair):
  """The window of [n, h, w, c] at a corner; zeros outside of the image."""
  sides = [(-c, c + s - h, 0) for c, s, h in zip(corner, size, x.shape[1:3],
                                                 strict=True)]
  return lax.pad(x, jnp.zeros((), x.dtype), ((0, 0, 0), *sides, (0, 0, 0)))


def _convolve_few(x, kernel, geometry: Geometry):
  """One matmul to all taps' outputs, which are then shifted and added."""
  kernel = _plain(kernel, geometry)
  c, f = kernel.shape[2:]
  products = x @ kernel.transpose(2, 0, 1, 3).reshape(c, -1)
  parts = [products[..., i : i + f] for i in range(0, products.shape[-1], f)]
  return sum(
    _moved(part, shift, geometry.outputs)
    for part, shift in zip(parts, _shifts(geometry), strict=True)
  )


def _weigh_few(x, y, geometry: Geometry):
  """One matmul of the image with the outputs as each tap sees them."""
  moved = [_moved(y, (-i, -j), geometry.image) for i, j in _shifts(geometry)]
  w = jnp.tensordot(x, jnp.concatenate(moved, -1), ((0, 1, 2), (0, 1, 2)))
  w = w.reshape(x.shape[3], *geometry.kernel, y.shape[3]).transpose(1, 2, 0, 3)
  return _plain(w, geometry)


def _channels(kernel_shape, geometry: Geometry) -> Pair:
  """Channels of the image and of the outputs."""
  return kernel_shape[:1:-1] if geometry.turned else kernel_shape[2:]


def _native(x, kernel, geometry: Geometry):
  kernel = _plain(kernel, geometry)
  return lax.conv_general_dilated(
    x, kernel, geometry.strides, geometry.padding, dimension_numbers=_DIMENSIONS
  )


def _run_convolve(x, kernel, *, geometry: Geometry):
  if _minimal_image(x.dtype, *_channels(kernel.shape, geometry), geometry):
    return winograd.convolve(x, kernel, geometry)
  if _few_outputs(*_channels(kernel.shape, geometry), geometry):
    return _convolve_few(x, kernel, geometry)
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
  if _few_outputs(x.shape[3], y.shape[3], geometry):
    return _weigh_few(x, y, geometry)
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
  """A primitive that `run` computes, of the shape that `shape` says."""
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
# Each rule gives what the first or the second argument receives from a cotangent.
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
