"""Which layers of a residual chain are computed together, and on which tiles.

For `passes`, which explains why.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jaxgan.nets import residual_chain

CELL = residual_chain.MULTIPLE  # Pixels that become one in the middle of the network.


class Schedule(NamedTuple):
  """What of a network is computed in which pass; convolutions are counted from 1.

  Attributes:
    sides: pixels a cell has on a side in each convolution's output.
    first, last: the convolutions whose outputs, one pixel a cell, lie in files.
    measured: how many convolutions are normalized, of which each needs a pass.
  """

  sides: tuple[int, ...]
  first: int
  last: int
  measured: int

  def begin(self, stop: int) -> int:
    """The convolution, if any, after whose output the pass up to `stop` begins."""
    return 0 if stop <= self.first else min(stop - 1, self.last)


def schedule(layers: Sequence[residual_chain.Layer]) -> Schedule:
  """The passes of a network; the normalized layers come first."""
  sides, side = [], CELL
  for layer in layers:
    side = int(side * layer.scale)
    sides.append(side)
  small = [i for i, side in enumerate(sides, 1) if side == 1]
  return Schedule(
    tuple(sides), small[0], small[-1], sum(layer.normalized for layer in layers)
  )


def reach(layers: Sequence[residual_chain.Layer]) -> int:
  """Pixels of the picture that any pass sees beyond those it computes, at most."""
  plan, most = schedule(layers), 0
  for stop in range(1, len(layers) + 1):
    begin = plan.begin(stop)
    pixel, pixels = CELL // plan.sides[begin - 1] if begin else 1, 0
    for layer in layers[begin:stop]:
      if layer.resample:
        pixels += pixel
        pixel = int(pixel / layer._replace(stride=1).scale)
      if layer.resample != "transpose":
        pixels += pixel * (layer.kernel // 2)
      pixel *= layer.stride
    most = max(most, pixels)
  return most


class Tile(NamedTuple):
  """A part of an image, in cells.

  Attributes:
    core: (top, bottom, left, right) of the tile.
    window: the same of the core with its surroundings, which is what is computed.
  """

  core: tuple[int, int, int, int]
  window: tuple[int, int, int, int]

  def inner(self, scale: int) -> tuple[int, int, int, int]:
    """The core within the window, at `scale` pixels a cell."""
    top, left = self.window[0], self.window[2]
    return tuple(
      scale * (x - y) for x, y in zip(self.core, (top, top, left, left), strict=True)
    )


def tiles(height: int, width: int, core: int, halo: int) -> Iterator[Tile]:
  """Tiles of an image of height x width cells; all windows have one size."""

  def spans(side):
    window = min(side, core + 2 * halo)
    for start in range(0, side, core):
      begin = min(max(start - halo, 0), side - window)
      yield (start, min(start + core, side)), (begin, begin + window)

  for rows, window_rows in spans(height):
    for columns, window_columns in spans(width):
      yield Tile((*rows, *columns), (*window_rows, *window_columns))
