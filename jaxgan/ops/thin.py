"""Convolutions of stride 1 as plain matmuls, for images of few channels.

XLA on CPU is slow at a 9x9 convolution from or to an RGB image, since three channels
fill no vector register. All forms here are exact but for rounding, and linear in the
image and in the kernel. `jaxgan.ops.lowering` decides where they are used.
"""

import jax
from jax import lax
import jax.numpy as jnp

from jaxgan.ops.geometry import Geometry

BLOCK = 4  # Blocks of this many pixels a side become channels.
PARTS = 4  # Of a long sum, so that several processor cores take part.


def gather(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
  """For few output channels: one matmul for all taps, then shifted sums.

  Args:
    x: images [n, h, w, c].
    kernel: [kh, kw, c, f], f small.
    geometry: sizes, of stride 1.
  """
  (kh, kw, c, f), (h, w) = kernel.shape, geometry.outputs
  x = _pad(x, geometry)
  taps = x.reshape(-1, c) @ kernel.transpose(2, 0, 1, 3).reshape(c, -1)
  taps = taps.reshape(*x.shape[:3], kh, kw * f)
  rows = sum(taps[:, i : i + h, :, i] for i in range(kh))
  rows = rows.reshape(*rows.shape[:3], kw, f)
  return sum(rows[:, :, j : j + w, j] for j in range(kw))


def blocks(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
  """For few input channels: blocks of pixels become channels, on both sides.

  Args:
    x: images [n, h, w, c], c small.
    kernel: [kh, kw, c, f].
    geometry: sizes, of stride 1.
  """
  (kh, kw, c, f), (h, w) = kernel.shape, geometry.outputs
  b, n = BLOCK, len(x)
  taps = [-(-(k + b - 1) // b) for k in (kh, kw)]
  cells = [-(-side // b) for side in (h, w)]
  ends = [b * (cell + tap - 1) for cell, tap in zip(cells, taps, strict=True)]
  x = _pad(x, geometry)
  x = jnp.pad(
    x,
    (
      (0, 0),
      *((0, max(end - side, 0)) for end, side in zip(ends, x.shape[1:3], strict=True)),
      (0, 0),
    ),
  )[:, : ends[0], : ends[1]]
  x = x.reshape(n, ends[0] // b, b, ends[1] // b, b, c).swapaxes(2, 3)
  x = x.reshape(n, ends[0] // b, ends[1] // b, b * b * c)
  # The kernel of a block's output (u, v) is shifted by u down and v across.
  shift = lambda w, axis, size: jnp.stack(
    [
      jnp.pad(
        w,
        [(u, size - u - w.shape[axis]) if i == axis else (0, 0) for i in range(w.ndim)],
      )
      for u in range(b)
    ],
    -2,
  )
  wide = shift(shift(kernel, 0, taps[0] * b), 1, taps[1] * b)
  wide = wide.reshape(taps[0], b, taps[1], b, c, b * b * f).transpose(0, 2, 1, 3, 4, 5)
  wide = wide.reshape(*taps, b * b * c, b * b * f)
  y = lax.conv_general_dilated(
    x, wide, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
  )
  y = y.reshape(n, *cells, b, b, f).swapaxes(2, 3)
  return y.reshape(n, cells[0] * b, cells[1] * b, f)[:, :h, :w]


def weigh(x: jax.Array, y: jax.Array, geometry: Geometry) -> jax.Array:
  """The kernel's gradient [kh, kw, c, f] as one matmul.

  The gradient of a tap is the product of the image and the outputs, one of them
  shifted by the tap's row and column. Here the image is shifted by the rows and the
  outputs by the columns, or the outputs by both where that makes fewer copies (c + kh
  kw f channels instead of kh c + kw f). Arrays are flat, so that a shift is one number
  for all pixels: zeros right of and below the outputs meet those of the next row.

  Args:
    x: images [n, h, w, c].
    y: of the outputs [n, h', w', f].
    geometry: sizes, of stride 1.
  """
  (kh, kw), c, f = geometry.kernel, x.shape[3], y.shape[3]
  x = _pad(x, geometry)
  width = x.shape[2]
  y = jnp.pad(y, ((0, 0), (0, kh - 1), (0, kw - 1), (0, 0))).reshape(-1, f)
  x = x.reshape(-1, c)
  more = -len(x) % PARTS

  def shifted(part, by):
    part = lax.pad(part, jnp.zeros((), part.dtype), ((by, more - by, 0), (0, 0, 0)))
    return part.reshape(PARTS, -1, part.shape[1])

  rows = range(0, kh * width, width)
  of_x, of_y = ((0,), rows) if kw * f < c else (rows, (0,))
  left = jnp.concatenate([shifted(x, -i) for i in of_x], 2)
  right = jnp.concatenate([shifted(y, i + j) for i in of_y for j in range(kw)], 2)
  w = lax.dot_general(left, right, (((1,), (1,)), ((0,), (0,)))).sum(0)
  w = w.reshape(len(of_x), c, len(of_y), kw, f).transpose(0, 2, 3, 1, 4)
  return w.reshape(kh, kw, c, f)


def _pad(x: jax.Array, geometry: Geometry) -> jax.Array:
  sides = ((0, 0, 0), *((*pads, 0) for pads in geometry.padding), (0, 0, 0))
  return lax.pad(x, jnp.zeros((), x.dtype), sides)
