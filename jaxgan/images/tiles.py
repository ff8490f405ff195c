"""An image as a grid of square tiles, and back: band by band, whatever its size.

Borders, where a side is no multiple of the tile:
  pad     reflects the image beyond its edge, and cuts that off again
  paper   leaves the rest out, as the Siamese GAN's article does
  anchor  puts a last tile at the edge and keeps what of it is not covered yet
  blend   lays tiles at half their distance over each other, fading in and out (Hann)
"""

from collections.abc import Iterable, Iterator
import dataclasses

import numpy as np

from jaxgan.errors import UserError, nearest
from jaxgan.images import stream

BORDERS = ("pad", "paper", "anchor", "blend")


@dataclasses.dataclass(frozen=True)
class Axis:
  """Tiles along one side of an image.

  Attributes:
    starts: where each begins; under 0 or reaching over the edge is reflected.
    kept: (from, to), the part of the result that is finished with each.
    length: of the result.
  """

  starts: list[int]
  kept: list[tuple[int, int]]
  length: int


def place(length: int, tile: int, border: str) -> Axis:
  """Lays tiles along a side.

  Raises:
    UserError: the side is too short, or the border is not known.
  """
  if border not in BORDERS:
    raise UserError(f"--border={border!r} is not known: {nearest(border, BORDERS)}")
  if border == "blend":
    half = tile // 2
    starts = list(range(-half, length, half))
    return Axis(starts, [(max(x, 0), min(x + half, length)) for x in starts], length)
  if border in ("paper", "anchor") and length < tile:
    raise UserError(
      f"--border={border} needs images of at least {tile} pixels, not "
      f"{length}: use pad."
    )
  whole = length // tile * tile
  starts = list(range(0, length if border == "pad" else whole, tile))
  kept = [(x, min(x + tile, length)) for x in starts]
  if border == "anchor" and whole < length:
    starts.append(length - tile)
    kept.append((whole, length))
  return Axis(starts, kept, whole if border == "paper" else length)


def reflect(index: np.ndarray, length: int) -> np.ndarray:
  """Positions on an endless line to those in an image, mirrored at its edges."""
  period = max(2 * length - 2, 1)
  index = index % period
  return np.where(index < length, index, period - index)


class Tiling:
  """The grid of one image.

  Args:
    source: its rows are read once, in order.
    tile: side of the tiles in pixels, even.
    border: see above.
  """

  def __init__(self, source: stream.Bands, tile: int, border: str):
    self._source, self._tile, self._border = source, tile, border
    self.rows = place(source.height, tile, border)
    self.columns = place(source.width, tile, border)
    self._alpha: list[np.ndarray] = []  # Of rows that were read but not yet written.

  def __len__(self) -> int:
    """Number of tiles."""
    return len(self.rows.starts) * len(self.columns.starts)

  def tiles(self) -> Iterator[np.ndarray]:
    """Yields the tiles of each row of the grid: uint8 [columns, tile, tile, 3]."""
    held, stop = self._source.read(0), 0
    offsets = np.arange(self._tile)
    across = reflect(np.add.outer(self.columns.starts, offsets), self._source.width)
    for start, (low, high) in zip(self.rows.starts, self.rows.kept, strict=True):
      down = reflect(start + offsets, self._source.height)
      missing = max(down.max() + 1, high) - stop
      if missing > 0:
        held = np.concatenate((held, self._source.read(missing)))[-2 * self._tile :]
        stop += missing
      first = stop - len(held)
      if self._source.channels == 4:
        self._alpha.append(held[low - first : high - first, : self.columns.length, 3:])
      yield held[down - first][:, across, :3].swapaxes(0, 1)

  def join(self, rows: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Puts translated tiles together again.

    Args:
      rows: as `tiles` yields them.

    Yields:
      Finished rows of the image: uint8 [n, width, 3], with the source's alpha if it
      has any.
    """
    joined = self._overlap(rows) if self._border == "blend" else self._paste(rows)
    for band in joined:
      if self._source.channels == 4:
        band = np.concatenate((band, self._alpha.pop(0)), -1)
      if len(band):
        yield band

  def _paste(self, rows):
    for start, (low, high), tiles in zip(
      self.rows.starts, self.rows.kept, rows, strict=True
    ):
      parts = [
        tile[low - start : high - start, left - x : right - x]
        for x, (left, right), tile in zip(
          self.columns.starts, self.columns.kept, tiles, strict=True
        )
      ]
      yield np.concatenate(parts, 1)

  def _overlap(self, rows):
    size, half = self._tile, self._tile // 2
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    weight = np.outer(window, window)[..., None].astype(np.float32)
    total = np.zeros((size, self.columns.starts[-1] + half + size, 3), np.float32)
    for start, (low, high), tiles in zip(
      self.rows.starts, self.rows.kept, rows, strict=True
    ):
      for x, tile in zip(self.columns.starts, tiles, strict=True):
        total[:, x + half : x + half + size] += weight * tile
      done = total[low - start : high - start, half : half + self.columns.length]
      yield np.clip(np.rint(done), 0, 255).astype(np.uint8)
      total = np.concatenate((total[half:], np.zeros_like(total[:half])))
