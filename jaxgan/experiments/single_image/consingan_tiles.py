"""ConSinGAN's images larger than memory allows: the last stages tile by tile.

A pixel depends on a few pixels around it at every earlier stage, so a tile needs of
each stage only a window. The windows' resampling matrices are rows and columns of the
whole image's, and noise is drawn by position; hence tiles fit without seams, and are
the whole image's pixels up to rounding.
"""

from collections.abc import Sequence
import functools
import itertools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.errors import UserError
from jaxgan.experiments.single_image import inference, tile_noise
from jaxgan.nets import consingan
from jaxgan.ops import resampling

Size = tuple[int, int]
WHOLE = 2**19  # Pixels of a stage up to which it is computed in one piece.
TILE = 512


class Window(NamedTuple):
  """What one tile takes of one stage along one axis.

  Attributes:
    skip: float32 [n, m], from m pixels of the stage before to n of this one.
    wide: float32 [n + border, m], the same with the convolutions' border.
    noise: first row of the noise that is added to `wide`.
    source: first of the m pixels.
  """

  skip: np.ndarray
  wide: np.ndarray
  noise: int
  source: int


def plan(
  lengths: Sequence[int], starts: Sequence[int], tile: int, *, border: int, padded: bool
) -> list[list[Window]]:
  """Windows of every tile along one axis, each stage's of the same shape.

  Args:
    lengths: of the image at the last stage computed as a whole, then at those after.
    starts: first pixels of the tiles.
    tile: their length.
    border: pixels that a stage's convolutions take, of both sides together.
    padded: whether noise covers the border; else the border is zeros.

  Returns:
    [tile][stage]. The last stage's windows are a pixel larger at both ends than the
    tile, for the last convolution, and may reach out of the image.
  """
  firsts, count = [start - 1 for start in starts], tile + 2
  stages = []
  for before, length in reversed(list(itertools.pairwise(lengths))):
    grown = length + border if padded else length
    offset = 0 if padded else -(border // 2)
    pairs = [
      (
        _rows(before, length, first, count),
        _rows(before, grown, first + offset, count + border),
      )
      for first in firsts
    ]
    used = [
      np.flatnonzero(np.abs(skip).sum(0) + np.abs(wide).sum(0)) for skip, wide in pairs
    ]
    size = max(columns[-1] - columns[0] + 1 for columns in used)
    sources = [min(int(columns[0]), before - size) for columns in used]
    stages.append(
      [
        Window(
          skip[:, source : source + size],
          wide[:, source : source + size],
          first + offset,
          source,
        )
        for (skip, wide), first, source in zip(pairs, firsts, sources, strict=True)
      ]
    )
    firsts, count = sources, int(size)
  return [list(windows) for windows in zip(*reversed(stages), strict=True)]


def _rows(length: int, out: int, first: int, count: int) -> np.ndarray:
  """Rows of a resampling matrix, zero where there are none."""
  matrix = resampling.aligned_cubic(length, out)
  result = np.zeros((count, length), np.float32)
  low, high = max(first, 0), min(first + count, out)
  result[low - first : high - first] = matrix[low:high]
  return result


def first_tiled(sizes: Sequence[Size], tile: int) -> int:
  """The first stage that is too large for one piece; their number if none is.

  With a `tile` above 0 the last stage is taken for too large.
  """
  large = (i for i, (h, w) in enumerate(sizes) if i and h * w > WHOLE)
  last = len(sizes) - 1 if tile and len(sizes) > 1 else len(sizes)
  return min(next(large, last), last)


def cover(extent: Size, tile: int) -> tuple[list[int], list[list[int]]]:
  """Tiles that cover an image, the last ones laid over their neighbors.

  Args:
    extent: (height, width) of the image.
    tile: side of the tiles, all in pixels; that of the image if it is shorter.

  Returns:
    (height, width) of every tile, and the first pixels along both axes.
  """
  sides = [min(tile, side) for side in extent]
  starts = [
    [min(begin, length - side) for begin in range(0, length, side)]
    for length, side in zip(extent, sides, strict=True)
  ]
  return sides, starts


def generate(
  source: inference.ConSinGAN,
  noise: tile_noise.Noise,
  sizes: Sequence[Size],
  *,
  tile: int = 0,
) -> np.ndarray:
  """One image float32 [1, *sizes[-1], c] in [-1, 1].

  Args:
    source: the trained generator.
    noise: of the same sizes.
    sizes: of the stages.
    tile: side of the tiles in pixels; 0 takes tiles only where they are needed.

  Raises:
    UserError: if tiles are needed and the generator has batch norm, whose statistics
      are of the whole image.
  """
  first = first_tiled(sizes, tile)
  if first == len(sizes):
    return source.generate([noise.whole(i) for i in range(first)], sizes)
  if source.net.norm:
    height, width = sizes[-1]
    raise UserError(
      f"an image of {width}x{height} would be made in tiles, and a run "
      "with config.batch_norm cannot: its statistics are of the whole "
      "image. Ask for a smaller one."
    )
  features = _grow(
    source.net,
    source.variables,
    [noise.whole(i) for i in range(first)],
    tuple(map(tuple, sizes[:first])),
    source.amplitudes[:first],
  )
  return _in_tiles(source, features, noise, sizes, first, tile or TILE)


def _in_tiles(
  source: inference.ConSinGAN,
  features: jax.Array,
  noise: tile_noise.Noise,
  sizes: Sequence[Size],
  first: int,
  tile: int,
) -> np.ndarray:
  """The image [1, h, w, c] from the features of the stage before `first`."""
  sides, starts = cover(sizes[-1], tile)
  rows, columns = (
    plan(
      [size[axis] for size in sizes[first - 1 :]],
      starts[axis],
      sides[axis],
      border=2 * source.net.length,
      padded=source.net.padded_noise,
    )
    for axis in (0, 1)
  )
  result = np.zeros((1, *sizes[-1], source.channels), np.float32)
  for i, j in itertools.product(range(len(rows)), range(len(columns))):
    corner = starts[0][i], starts[1][j]
    inside = [_inside(*each) for each in zip(sizes[-1], corner, sides, strict=True)]
    windows = list(zip(rows[i], columns[j], strict=True))
    noises = [
      noise(first + k, (r.noise, c.noise), (len(r.wide), len(c.wide)))
      for k, (r, c) in enumerate(windows)
    ]
    result[:, corner[0] : corner[0] + sides[0], corner[1] : corner[1] + sides[1]] = (
      _tile(
        source.net,
        source.variables,
        first,
        _crop(features, *windows[0]),
        [(r.skip, r.wide, c.skip, c.wide) for r, c in windows],
        noises,
        source.amplitudes,
        *inside,
      )
    )
  return result


@functools.partial(jax.jit, static_argnames=("net", "sizes"))
def _grow(
  net: consingan.Generator,
  variables: inference.Tree,
  noises: inference.Noises,
  sizes: tuple[Size, ...],
  amplitudes: jax.Array,
) -> jax.Array:
  """Features of the stages that are small enough for one piece."""
  return net.apply(
    {"params": variables}, None, noises, sizes, amplitudes, method="grow"
  )


def _crop(features: jax.Array, rows: Window, columns: Window) -> jax.Array:
  return jax.lax.dynamic_slice(
    features,
    (0, rows.source, columns.source, 0),
    (1, rows.skip.shape[1], columns.skip.shape[1], features.shape[-1]),
  )


def _inside(length: int, start: int, side: int) -> np.ndarray:
  """Which of a tile's pixels, and of one more at both ends, lie in the image."""
  at = np.arange(start - 1, start + side + 1)
  return ((at >= 0) & (at < length)).astype(np.float32)


@functools.partial(jax.jit, static_argnames=("net", "first"))
def _tile(net, variables, first, x, matrices, noises, amplitudes, rows, columns):
  """A window of features to a tile; compiled once, since all are of one shape."""

  def grow(net, x):
    for i, (window, noise) in enumerate(zip(matrices, noises, strict=True), first):
      skip_rows, wide_rows, skip_columns, wide_columns = window
      skip = resampling.resample(x, skip_rows, skip_columns)
      wide = resampling.resample(x, wide_rows, wide_columns)
      x = net.body[i](wide + amplitudes[i] * noise) + skip
    # Beyond the image the last convolution sees zeros.
    x = x * rows[:, None, None] * columns[:, None]
    return jnp.tanh(net.tail(x))

  return net.apply({"params": variables}, x, method=grow)
