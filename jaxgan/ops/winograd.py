"""Convolution by minimal filtering (Winograd, 1980; Lavin and Gray, 2016) in matmuls.

Two neighboring outputs of a filter of two taps take four products; minimal filtering
takes three, for a few more additions. In two dimensions that is 9 products instead of
16 (two taps), or 16 instead of 36 (three taps). Each product is one matmul over all
tiles of all images, so that the work runs at the speed of matmuls.

A stride of s splits the image into s phases, pixels s apart, each of which meets
ceil(k / s) taps of the kernel: a 4x4 kernel of stride 2 is a sum of four of 2x2.

Convolution is bilinear in image and kernel, and so are its two transposes. With the
matrices A, B, G of a scheme, and `*` for the matmuls:

  convolve   y = A (Bx * Gw)
  spread     x = B' (A'y * (Gw)')   what the image receives from the outputs
  weigh      w = G' ((Bx)' * A'y)   what the kernel receives
"""

import functools
import math
import operator
from typing import NamedTuple

import jax
from jax import lax
import jax.numpy as jnp

from jaxgan.ops.geometry import Geometry, Pair

Matrix = tuple[tuple[float, ...], ...]
Grid = list[list[jax.Array]]  # An array for every product, down and across.


class _Scheme(NamedTuple):
  """The matrices of F(m, r), m outputs of r taps: A ((G w) * (B x))."""

  a: Matrix
  b: Matrix
  g: Matrix


# By taps. All entries are 0, 1/2 or 1 in size, so that float32 loses next to nothing:
# larger tiles have larger entries, ten times the error, and save little more here.
_SCHEMES = {
  1: _Scheme(a=((1,),), b=((1,),), g=((1,),)),
  2: _Scheme(
    a=((1, 1, 0), (0, 1, 1)),
    b=((1, -1, 0), (0, 1, 0), (0, -1, 1)),
    g=((1, 0), (1, 1), (0, 1)),
  ),
  3: _Scheme(
    a=((1, 1, 1, 0), (0, 1, -1, 1)),
    b=((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, -1, 0, 1)),
    g=((1, 0, 0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0, 0, 1)),
  ),
}


class _Axis(NamedTuple):
  """One axis of a convolution: its sizes, and what follows from them."""

  image: int
  kernel: int
  stride: int
  before: int  # Zeros before the image.
  outputs: int

  @property
  def taps(self) -> int:
    return -(-self.kernel // self.stride)

  @property
  def scheme(self) -> _Scheme:
    return _SCHEMES[self.taps]

  @property
  def step(self) -> int:
    """Outputs of a tile."""
    return len(self.scheme.a)

  @property
  def points(self) -> int:
    """Products of a tile."""
    return len(self.scheme.b)

  @property
  def tiles(self) -> int:
    return -(-self.outputs // self.step)


def _axes(geometry: Geometry) -> tuple[_Axis, _Axis]:
  image, kernel, strides, padding, _ = geometry
  before = [pads[0] for pads in padding]
  return tuple(map(_Axis, image, kernel, strides, before, geometry.outputs))


def products(geometry: Geometry) -> float:
  """Products taken, as a share of a plain convolution's; infinite without a scheme."""
  axes = _axes(geometry)
  if any(axis.taps not in _SCHEMES for axis in axes):
    return math.inf
  return math.prod(a.points * a.stride / (a.step * a.kernel) for a in axes)


def convolve(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
  """Images [n, h, w, c] and a kernel to outputs [n, h', w', f]."""
  axes = _axes(geometry)
  images, kernels = _from_image(x, axes), _from_kernel(kernel, axes, geometry.turned)
  rows = 1 if geometry.turned else 0
  phases = [_matmuls(v, u, rows) for v, u in zip(images, kernels, strict=True)]
  total = lambda *parts: functools.reduce(operator.add, parts)
  return _to_outputs(_each(total, *phases), axes)


def spread(y: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
  """Outputs [n, h', w', f] and a kernel to images [n, h, w, c]."""
  axes = _axes(geometry)
  outputs = _from_outputs(y, axes)
  rows = 0 if geometry.turned else 1
  kernels = _from_kernel(kernel, axes, geometry.turned)
  return _to_image([_matmuls(outputs, u, rows) for u in kernels], axes)


def weigh(x: jax.Array, y: jax.Array, geometry: Geometry) -> jax.Array:
  """Images [n, h, w, c] and outputs [n, h', w', f] to a kernel."""
  axes = _axes(geometry)
  outputs, images = _from_outputs(y, axes), _from_image(x, axes)
  flat = lambda part: part.reshape(-1, part.shape[-1])
  if geometry.turned:
    product = lambda image, output: flat(output).T @ flat(image)
  else:
    product = lambda image, output: flat(image).T @ flat(output)
  phases = [_each(product, image, outputs) for image in images]
  return _to_kernel(phases, axes, geometry.turned)


def _each(function, *grids: Grid) -> Grid:
  return [list(map(function, *rows)) for rows in zip(*grids, strict=True)]


def _matmuls(left: Grid, right: Grid, rows: int) -> Grid:
  """Sums over the last axis of `left` and axis `rows` of `right`."""
  numbers = (((3,), (rows,)), ((), ()))
  return _each(lambda a, b: lax.dot_general(a, b, numbers), left, right)


def _combine(matrix: Matrix, parts: list[jax.Array]) -> list[jax.Array]:
  """matrix @ parts, without the products by 0 and 1."""
  sums = []
  for row in matrix:
    terms = [(f, part) for f, part in zip(row, parts, strict=True) if f]
    terms = [(f > 0, part if abs(f) == 1 else abs(f) * part) for f, part in terms]
    total = functools.reduce(operator.add, (part for plus, part in terms if plus))
    minus = (part for plus, part in terms if not plus)
    sums.append(functools.reduce(operator.sub, minus, total))
  return sums


def _combine_grid(down: Matrix, across: Matrix, grid: Grid) -> Grid:
  """down @ grid @ across'."""
  columns = zip(*(_combine(across, row) for row in grid), strict=True)
  return _transpose([_combine(down, column) for column in columns])


def _transpose(rows):
  return [list(column) for column in zip(*rows, strict=True)]


def _pad(x: jax.Array, ends: list[Pair]) -> jax.Array:
  """Zeros before and after the two axes of an image; negative numbers crop."""
  sides = ((0, 0, 0), *((*pair, 0) for pair in ends), *((0, 0, 0),) * (x.ndim - 3))
  return lax.pad(x, jnp.zeros((), x.dtype), sides)


def _from_image(x: jax.Array, axes: tuple[_Axis, _Axis]) -> list[Grid]:
  """Bx: for each phase down, a grid of [n, tiles, tiles, phases across * c]."""
  down, across = axes
  cells = [a.tiles * a.step + a.taps - 1 for a in axes]
  sizes = [count * a.stride for count, a in zip(cells, axes, strict=True)]
  pairs = zip(axes, sizes, strict=True)
  x = _pad(x, [(a.before, s - a.image - a.before) for a, s in pairs])
  # The phases across stay beside the channels, where memory has them already.
  x = x.reshape(x.shape[0], cells[0], down.stride, cells[1], -1)

  def pick(part, i, axis, side):
    end = i + (side.tiles - 1) * side.step + 1
    return lax.slice_in_dim(part, i, end, side.step, axis)

  grids = []
  for phase in range(down.stride):
    rows = [pick(x[:, :, phase], i, 1, down) for i in range(down.points)]
    grid = [[pick(row, j, 2, across) for j in range(across.points)] for row in rows]
    grids.append(_combine_grid(down.scheme.b, across.scheme.b, grid))
  return grids


def _to_image(grids: list[Grid], axes: tuple[_Axis, _Axis]) -> jax.Array:
  """B' of grids as `_from_image` gives them: [n, h, w, c]."""
  down, across = axes
  phases = []
  for grid in grids:
    grid = _combine_grid(_transpose(down.scheme.b), _transpose(across.scheme.b), grid)
    rows = [_overlap(row, 2, across.step) for row in grid]
    phases.append(_overlap(rows, 1, down.step))
  x = jnp.stack(phases, 3)
  sizes = [(a.tiles + 1) * a.step * a.stride for a in axes]
  x = x.reshape(x.shape[0], *sizes, -1)
  pairs = zip(axes, sizes, strict=True)
  ends = [(-a.before, a.before + a.image - s) for a, s in pairs]
  return _pad(x, ends)


def _overlap(parts: list[jax.Array], axis: int, step: int) -> jax.Array:
  """Adds tiles that begin `step` apart: `axis` becomes [tiles + 1, step]."""

  def shift(part, before, after):
    ends = [(0, 0)] * part.ndim
    ends[axis] = (before, after)
    return jnp.pad(part, ends)

  whole = [shift(part, 0, 1) for part in parts[:step]]
  for i, part in enumerate(parts[step:]):
    whole[i] += shift(part, 1, 0)
  return jnp.stack(whole, axis + 1)


def _from_kernel(w: jax.Array, axes: tuple[_Axis, _Axis], turned: bool) -> list[Grid]:
  """Gw: for each phase down, a grid of [phases across * c, f]; turned, transposed."""
  down, across = axes
  if turned:
    w = w[::-1, ::-1]
    flat = lambda part: part.swapaxes(0, 1).reshape(part.shape[1], -1)
  else:
    flat = lambda part: part.reshape(-1, part.shape[-1])
  ends = [(0, a.taps * a.stride - a.kernel) for a in axes]
  w = jnp.pad(w, (*ends, (0, 0), (0, 0)))
  w = w.reshape(down.taps, down.stride, across.taps, across.stride, *w.shape[2:])
  grids = []
  for phase in range(down.stride):
    grid = [[w[i, phase, j] for j in range(across.taps)] for i in range(down.taps)]
    grids.append(_each(flat, _combine_grid(down.scheme.g, across.scheme.g, grid)))
  return grids


def _to_kernel(grids: list[Grid], axes: tuple[_Axis, _Axis], turned: bool) -> jax.Array:
  """G' of grids as `_from_kernel` gives them: the kernel."""
  down, across = axes
  if turned:
    split = lambda part: part.reshape(len(part), across.stride, -1).swapaxes(0, 1)
  else:
    split = lambda part: part.reshape(across.stride, -1, part.shape[-1])
  phases = []
  for grid in grids:
    grid = _combine_grid(_transpose(down.scheme.g), _transpose(across.scheme.g), grid)
    phases.append(jnp.stack([jnp.stack(row) for row in _each(split, grid)]))
  w = jnp.stack(phases, 1)
  w = w.reshape(down.taps * down.stride, across.taps * across.stride, *w.shape[4:])
  w = w[: down.kernel, : across.kernel]
  return w[::-1, ::-1] if turned else w


def _to_outputs(grid: Grid, axes: tuple[_Axis, _Axis]) -> jax.Array:
  """A of a grid of [n, tiles, tiles, f]: [n, h', w', f]."""
  grid = _combine_grid(axes[0].scheme.a, axes[1].scheme.a, grid)
  y = jnp.stack([jnp.stack(row, 3) for row in grid], 2)
  y = y.reshape(y.shape[0], *(a.tiles * a.step for a in axes), -1)
  return y[:, : axes[0].outputs, : axes[1].outputs]


def _from_outputs(y: jax.Array, axes: tuple[_Axis, _Axis]) -> Grid:
  """A'y: a grid of [n, tiles, tiles, f]."""
  down, across = axes
  y = _pad(y, [(0, a.tiles * a.step - a.outputs) for a in axes])
  rows = [y[:, i :: down.step] for i in range(down.step)]
  grid = [[row[:, :, j :: across.step] for j in range(across.step)] for row in rows]
  return _combine_grid(_transpose(down.scheme.a), _transpose(across.scheme.a), grid)
