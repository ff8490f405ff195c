"""Resampling of images and feature maps by a constant matrix for each axis.

There are two cubics here, since publications use both, and neither is that of
`jax.image.resize`. `aligned_cubic` is PyTorch's `interpolate(mode="bicubic",
align_corners=True)`, by which networks enlarge features; `antialiased_cubic` is
MATLAB's `imresize`, by which images are shrunk.
"""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np

Size = tuple[int, int]
Array = np.ndarray | jax.Array
BORDERS = ("reflect", "reference", "wrap")


def resample(x: Array, rows: Array, columns: Array) -> Array:
  """Images [..., h, w, c] to [..., h', w', c]; of NumPy or JAX, as the images are.

  Args:
    x: images or features.
    rows: matrix [h', h] for the height.
    columns: matrix [w', w] for the width.
  """
  if isinstance(x, jax.Array):
    einsum = jnp.einsum
  else:
    einsum = functools.partial(np.einsum, optimize=True)
  x = einsum("hH,...HWc->...hWc", rows, x)
  return einsum("wW,...hWc->...hwc", columns, x)


def bicubic(x: jax.Array, size: Size) -> jax.Array:
  """Features [n, h, w, c] to [n, *size, c] by `aligned_cubic`."""
  if x.shape[1:3] == tuple(size):
    return x
  return resample(
    x,
    *(
      jnp.asarray(aligned_cubic(length, out), x.dtype)
      for length, out in zip(x.shape[1:3], size, strict=True)
    ),
  )


@functools.cache
def aligned_cubic(length: int, out: int) -> np.ndarray:
  """One axis as a matrix float32 [out, length]: the first and last pixels stay.

  A cubic of a = -3/4 between the four nearest pixels, edges repeated, no antialiasing.
  """
  a = -0.75
  position = np.arange(out) * ((length - 1) / (out - 1) if out > 1 else 0.0)
  first = np.floor(position)
  t = (position - first)[:, None] + np.array([1.0, 0.0, -1.0, -2.0])
  t = np.abs(t)
  near = (a + 2) * t**3 - (a + 3) * t**2 + 1
  far = a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a
  weights = np.where(t <= 1, near, far)
  index = np.clip(first[:, None] + np.arange(-1, 3), 0, length - 1).astype(int)
  result = np.zeros((out, length))
  np.add.at(result, (np.arange(out)[:, None], index), weights)
  return result.astype(np.float32)


def _keys(x: np.ndarray) -> np.ndarray:
  """Keys' cubic (1981) with a = -1/2, of support 4."""
  x = np.abs(x)
  near = 1.5 * x**3 - 2.5 * x**2 + 1
  far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
  return np.where(x <= 1, near, np.where(x <= 2, far, 0.0))


def antialiased_cubic(
  length: int,
  out: int,
  scale: float,
  *,
  border: str = "reflect",
  antialias: bool = True,
) -> np.ndarray:
  """One axis as a matrix float64 [out, length], pixels taken for small squares.

  Args:
    length: pixels in.
    out: pixels out.
    scale: out / length, or what it was before rounding.
    border: "reflect" mirrors at both ends; "reference" only at the last pixel, and cuts
      the filter off before the first; "wrap" goes on at the other end.
    antialias: stretches the filter where the axis shrinks.

  Raises:
    ValueError: for another border.
  """
  stretch = min(scale, 1.0) if antialias else 1.0
  width = 4 / stretch
  # Positions count from 1, as in the filter's usual definition.
  center = np.arange(1, out + 1) / scale + 0.5 * (1 - 1 / scale)
  first = np.floor(center - width / 2)
  taps = first[:, None] + np.arange(math.ceil(width) + 2)
  weights = stretch * _keys(stretch * (center[:, None] - taps))
  if border == "reference":
    weights = np.where(taps < 1, 0.0, weights)
  elif border not in BORDERS:
    raise ValueError(f"border {border!r} is not one of {BORDERS}.")
  weights /= weights.sum(1, keepdims=True)
  forth = np.arange(length)
  order = forth if border == "wrap" else np.concatenate([forth, forth[::-1]])
  index = order[(taps - 1).astype(int) % len(order)]
  result = np.zeros((out, length))
  np.add.at(result, (np.arange(out)[:, None], index), weights)
  return result
