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
from jaxgan.experiments.single_image import inference
from jaxgan.nets import consingan
from jaxgan.ops import resampling

Size = tuple[int, int]
WHOLE = 2**19  # Pixels of a stage up to which it is computed in one piece.
TILE = 512
_BLOCK = 128  # Side of the squares in which noise is drawn.


class Noise:
  """All stages' noise as a function of position, so that windows of it agree.

  Stages before `start` have the reconstruction's noise, resampled.
  """

  def __init__(
    self,
    source: inference.Restored,
    key: jax.Array,
    sizes: Sequence[Size],
    start: int = 0,
  ):
    self._keys = jax.random.split(key, len(sizes))
    self._fixed = source.fixed[:start]
    # SinGAN's coarsest noise has one value for all channels.
    self._gray = isinstance(source, inference.SinGAN)
    self.shapes = [source.noise_shape(i, size) for i, size in enumerate(sizes)]

  def __call__(self, stage: int, corner: Size, size: Size) -> np.ndarray:
    """Noise [1, *size, c] from a corner on; 0 outside of what there is."""
    extent, channels = self.shapes[stage][:2], self.shapes[stage][2]
    first = [max(c, 0) for c in corner]
    last = [min(c + n, e) for c, n, e in zip(corner, size, extent, strict=True)]
    result = np.zeros((1, *size, channels), np.float32)
    inside = self._inside(stage, first, last)
    top, left = (f - c for f, c in zip(first, corner, strict=True))
    result[:, top : top + inside.shape[1], left : left + inside.shape[2]] = inside
    return result

  def whole(self, stage: int) -> np.ndarray:
    """All of a stage's noise."""
    return self(stage, (0, 0), self.shapes[stage][:2])

  def _inside(
    self, stage: int, first: Sequence[int], last: Sequence[int]
  ) -> np.ndarray:
    if stage < len(self._fixed):
      x = self._fixed[stage]
      matrices = [
        resampling.aligned_cubic(x.shape[axis + 1], self.shapes[stage][axis])
        for axis in (0, 1)
      ]
      windows = [
        m[low:high] for m, low, high in zip(matrices, first, last, strict=True)
      ]
      return resampling.resample(x, *windows)
    blocks = [
      range(low // _BLOCK, -(-high // _BLOCK))
      for low, high in zip(first, last, strict=True)
    ]
    drawn = np.concatenate(
      [
        np.concatenate(
          [_draw(self._keys[stage], i, j, self.shapes[stage][2]) for j in blocks[1]],
          axis=1,
        )
        for i in blocks[0]
      ]
    )
    if self._gray and stage == 0:
      drawn = np.repeat(drawn[..., :1], drawn.shape[-1], -1)
    top, left = (low % _BLOCK for low in first)
    return drawn[None, top : top + last[0] - first[0], left : left + last[1] - first[1]]


@functools.partial(jax.jit, static_argnums=3)
def _draw(key, i, j, channels):
  """The noise of square (i, j), [_BLOCK, _BLOCK, channels]."""
  key = jax.random.fold_in(jax.random.fold_in(key, i), j)
  return jax.random.normal(key, (_BLOCK, _BLOCK, channels))


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


def generate(
  source: inference.ConSinGAN, noise: Noise, sizes: Sequence[Size], *, tile: int = 0
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
  sides = [min(tile or TILE, side) for side in sizes[-1]]
  starts = [
    [min(begin, length - side) for begin in range(0, length, side)]
    for length, side in zip(sizes[-1], sides, strict=True)
  ]
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
