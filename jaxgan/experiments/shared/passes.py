"""Images too large for memory: tile by tile, normalized as the whole image is.

Tiles normalized by themselves would differ in color. So the network, a residual chain,
runs layer after layer: a pass over all tiles finds the moments of a convolution's
output over the whole image, and later passes normalize with them. Between the two
downsamplings and the two upsamplings, where activations are small, they lie in files,
so that the convolutions there are computed once; the others, at most four in a row, are
computed again in each pass. Tiles overlap by more than the convolutions of a pass
reach, so that the result is what the network gives for the whole image, up to rounding.
"""

from collections.abc import Callable, Iterator
import functools
import math
import os
import pathlib
import tempfile
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan import progress
from jaxgan.experiments.shared.pass_schedule import CELL, Tile, reach, schedule, tiles
from jaxgan.images import pixels
from jaxgan.nets import instance_norm, residual_chain

Tree = Any
CORE = 128  # Cells a side of a tile.
# Pixels that are computed at once; more go tile by tile.
WHOLE = 2**20
StyleOf = Callable[[Tile], np.ndarray]


class Plane:
  """float32 [h, w, c] in a file; mapped only while a part is read or written."""

  def __init__(self, path: pathlib.Path, shape: tuple[int, int, int]):
    self._path, self._shape = path, shape
    with path.open("wb") as file:
      # A full disk is an error here, but kills a program that writes to mapped memory.
      if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, 4 * math.prod(shape))
      file.truncate(4 * math.prod(shape))

  def _map(self) -> np.memmap:
    return np.memmap(self._path, np.float32, "r+", shape=self._shape)

  def read(self, place: tuple[int, int, int, int]) -> np.ndarray:
    """A copy of the rows and columns (top, bottom, left, right)."""
    top, bottom, left, right = place
    return np.array(self._map()[top:bottom, left:right])

  def write(self, place: tuple[int, int, int, int], values: np.ndarray) -> None:
    """Replaces a part."""
    top, bottom, left, right = place
    self._map()[top:bottom, left:right] = values


class _Sums:
  """Moments over an image, gathered tile by tile in float64."""

  def __init__(self):
    self._count, self._first, self._second = 0, 0.0, 0.0

  def add(self, count: int, mean: np.ndarray, var: np.ndarray) -> None:
    mean = np.asarray(mean, np.float64)
    self._count += count
    self._first += count * mean
    self._second += count * (np.asarray(var, np.float64) + mean**2)

  def moments(self) -> instance_norm.Moments:
    mean = self._first / self._count
    var = np.maximum(self._second / self._count - mean**2, 0)
    return instance_norm.Moments(
      jnp.asarray(mean, jnp.float32), jnp.asarray(var, jnp.float32)
    )


@functools.partial(jax.jit, static_argnames=("net", "first", "stop"))
def _advance(net, params, carry, style, statistics, inner, first, stop):
  """Some layers of a window, and the moments of its core.

  `inner` is the core [top, bottom, left, right] within the output.
  """
  if first == 0:
    carry = residual_chain.Carry(pixels.to_floats(carry.x, net.LOW))
  out = net.apply(
    {"params": params}, carry, style, first, stop, statistics, method="advance"
  )
  x = out.x.astype(jnp.float32)
  rows, columns = jnp.arange(x.shape[1]), jnp.arange(x.shape[2])
  inside = ((rows >= inner[0]) & (rows < inner[1]))[:, None, None] & (
    (columns >= inner[2]) & (columns < inner[3])
  )[:, None]
  count = jnp.sum(inside, dtype=jnp.float32)
  mean = jnp.sum(x * inside, (1, 2)) / count
  var = jnp.sum((x - mean[:, None, None]) ** 2 * inside, (1, 2)) / count
  return x, out.skip, mean, var


class Passes:
  """All passes of the network over one image.

  Args:
    net: the network.
    params: its weights.
    image: uint8 [h, w, 3], sides divisible by 4.
    style_of: a tile's style: weights [1, styles], or maps [1, h, w, styles] of its
      window; None for networks without styles.
    scratch: folder for the files; they are as large as 2 (skip and output) x 2 (old
      and new) x 4 bytes x 4 widths of features for each cell of 4x4 pixels.
    core: cells a side of a tile.
  """

  def __init__(
    self,
    net: residual_chain.ResidualChain,
    params: Tree,
    image: np.ndarray,
    style_of: StyleOf,
    scratch: pathlib.Path,
    core: int = CORE,
  ):
    self._net, self._params, self._image = net, params, image
    self._style_of, self._scratch = style_of, scratch
    self._size = (image.shape[0] // CELL, image.shape[1] // CELL)
    layers = net.plan()
    self._schedule, halo = schedule(layers), -(-reach(layers) // CELL)
    self._tiles = list(tiles(*self._size, core, halo))
    self._statistics: list[instance_norm.Moments | None] = [None] * len(layers)
    self._planes: tuple[Plane, Plane | None] | None = None

  def parts(self) -> Iterator[tuple[tuple[int, int, int, int], np.ndarray]]:
    """The image's tiles: (top, bottom, left, right) and float32 [h, w, 3]."""
    passes = self._schedule.measured + 1
    with progress.track(
      passes * len(self._tiles), f"computing {passes} passes", unit="tiles"
    ) as advance:
      for stop in range(1, passes):
        self._measure(stop, advance)
      for tile in self._tiles:
        x, _, _, _ = self._window(tile, self._schedule.last, None, CELL)
        yield tuple(CELL * side for side in tile.core), _cut(x, tile.inner(CELL))
        advance()

  def _measure(self, stop: int, advance: Callable[[], None]) -> None:
    """Finds the moments of convolution `stop - 1`, and keeps its output if small."""
    first, scale = self._schedule.begin(stop), self._schedule.sides[stop - 1]
    keeps = self._schedule.first <= stop <= self._schedule.last
    sums, fresh = _Sums(), None
    for tile in self._tiles:
      x, skip, mean, var = self._window(tile, first, stop, scale)
      inner = tile.inner(scale)
      sums.add((inner[1] - inner[0]) * (inner[3] - inner[2]), mean, var)
      if keeps:
        fresh = fresh or self._new_planes(stop, x, skip)
        for plane, values in zip(fresh, (x, skip), strict=True):
          if plane is not None:
            plane.write(tile.core, _cut(values, inner))
      advance()
    self._statistics[stop - 1] = sums.moments()
    self._planes = fresh or self._planes

  def _new_planes(self, stop, x, skip) -> tuple[Plane, Plane | None]:
    """Files for a pass's outputs; those of the pass before are still read meanwhile."""
    return tuple(
      None
      if part is None
      else Plane(self._scratch / f"{name}{stop % 2}", (*self._size, part.shape[-1]))
      for name, part in (("output", x), ("skip", skip))
    )

  def _window(self, tile: Tile, first: int, stop: int | None, scale: int):
    """`_advance` on a tile's window."""
    if first == 0:
      top, bottom, left, right = (CELL * side for side in tile.window)
      parts = self._image[top:bottom, left:right], None
    else:
      parts = tuple(
        None if plane is None else plane.read(tile.window) for plane in self._planes
      )
    carry = residual_chain.Carry(
      *(None if part is None else part[None] for part in parts)
    )
    known = tuple(
      x if first <= i + 1 < (stop or len(self._statistics) + 1) else None
      for i, x in enumerate(self._statistics)
    )
    return _advance(
      self._net,
      self._params,
      carry,
      self._style_of(tile),
      known,
      np.asarray(tile.inner(scale)),
      first=first,
      stop=stop,
    )


def _cut(x: jax.Array, place: tuple[int, int, int, int]) -> np.ndarray:
  top, bottom, left, right = place
  return np.asarray(x)[0, top:bottom, left:right]


def in_parts(
  net: residual_chain.ResidualChain,
  params: Tree,
  image: np.ndarray,
  style_of: StyleOf,
  scratch: pathlib.Path,
  core: int = CORE,
) -> np.ndarray:
  """An image of any size in bounded memory; see `Passes` for the arguments.

  Returns:
    uint8 [h, w, 3].
  """
  scratch.mkdir(parents=True, exist_ok=True)
  result = np.empty_like(image)
  with tempfile.TemporaryDirectory(dir=scratch, prefix=".passes.") as folder:
    passes = Passes(net, params, image, style_of, pathlib.Path(folder), core)
    for (top, bottom, left, right), part in passes.parts():
      result[top:bottom, left:right] = pixels.to_uint8(np.asarray(part), net.LOW)
  return result


@functools.partial(jax.jit, static_argnames="net")
def whole(
  net: residual_chain.ResidualChain, params: Tree, images: jax.Array, style: Any = None
) -> jax.Array:
  """uint8 images [n, h, w, 3], sides divisible by 4, to the network's outputs."""
  carry = residual_chain.Carry(pixels.to_floats(images, net.LOW))
  return net.apply({"params": params}, carry, style, method="advance").x


def padded(image: np.ndarray) -> np.ndarray:
  """An image [h, w, ...] mirrored at its ends up to sides divisible by 4."""
  ends = [(0, -side % CELL) for side in image.shape[:2]]
  if ends == [(0, 0)] * 2:
    return image  # A large one need not be copied.
  return np.pad(image, (*ends, *((0, 0),) * (image.ndim - 2)), mode="reflect")
