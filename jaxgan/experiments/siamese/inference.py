"""Pictures of any size through a generator of small tiles."""

from collections.abc import Iterable, Iterator
import pathlib
import time
from typing import Any

from absl import logging
import jax
import jax.numpy as jnp
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P
import numpy as np
import tqdm

from jaxgan.engine import sharding
from jaxgan.experiments.siamese.networks import Networks
from jaxgan.images import stream, tiles

Tree = Any
_LOG_SECONDS = 10.0


class Translator:
  """A trained generator; every batch of tiles is split over all devices.

  A tile comes out the same whichever others are in its batch: batch norm uses what
  training averaged, and batches are padded to one size.

  Args:
    nets: the networks.
    variables: the generator's weights and statistics.
    batch_size: tiles at once; rounded up to a multiple of the devices.
  """

  def __init__(self, nets: Networks, variables: Tree, batch_size: int = 128):
    mesh = sharding.make_mesh()
    self.tile = nets.tile
    self._split = NamedSharding(mesh, P("data"))
    self._batch = -(-batch_size // mesh.size) * mesh.size
    self._variables = sharding.replicate(variables, mesh)
    self._apply = jax.jit(
      lambda variables, tiles: jnp.clip(
        jnp.round(
          (nets.infer(variables, tiles.astype(jnp.float32) / 127.5 - 1) + 1) * 127.5
        ),
        0,
        255,
      ).astype(jnp.uint8),
      out_shardings=self._split,
    )

  def picture(self, picture: np.ndarray, border: str = "pad") -> np.ndarray:
    """A picture uint8 [h, w, 3] in memory, translated."""
    source = stream.of_array(picture)
    return np.concatenate(list(self.stream(tiles.Tiling(source, self.tile, border))))

  def stream(self, grid: tiles.Tiling) -> Iterator[np.ndarray]:
    """Yields the rows of a tiled picture, translated, in bands."""
    rows = self._regrouped(
      self._translated(self._batched(grid.tiles())), len(grid.columns.starts)
    )
    return grid.join(rows)

  def _batched(self, rows: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Groups of tiles to batches of one size, but for the last."""
    held, count = [], 0
    for row in rows:
      held.append(row)
      count += len(row)
      if count >= self._batch:
        tiles = np.concatenate(held)
        whole = count // self._batch * self._batch
        yield from tiles[:whole].reshape(-1, self._batch, *tiles.shape[1:])
        held, count = [tiles[whole:]], count - whole
    if count:
      yield np.concatenate(held)

  def _translated(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Batches of tiles, each fetched when the next is under way."""
    waiting = None
    for batch in batches:
      padded = np.zeros((self._batch, *batch.shape[1:]), np.uint8)
      padded[: len(batch)] = batch
      result = self._apply(self._variables, jax.device_put(padded, self._split))
      if waiting:
        yield np.asarray(waiting[0])[: waiting[1]]
      waiting = result, len(batch)
    if waiting:
      yield np.asarray(waiting[0])[: waiting[1]]

  def _regrouped(
    self, batches: Iterable[np.ndarray], size: int
  ) -> Iterator[np.ndarray]:
    """Batches of tiles to groups of a row's."""
    held = np.zeros((0, self.tile, self.tile, 3), np.uint8)
    for batch in batches:
      held = np.concatenate((held, batch))
      while len(held) >= size:
        yield held[:size]
        held = held[size:]


def translate_file(
  translator: Translator,
  source: pathlib.Path,
  output: pathlib.Path,
  *,
  border: str,
  scale: float,
) -> float:
  """Translates a picture from file to file in bounded memory.

  Returns:
    Megapixels written.

  Raises:
    UserError: it cannot be read, tiled so, or written under that name.
  """
  with stream.open_picture(source, scale) as picture:
    grid = tiles.Tiling(picture, translator.tile, border)
    height, width = grid.rows.length, grid.columns.length
    with stream.create_picture(output, height, width, picture.channels) as write:
      for band in _shown(translator.stream(grid), height, source.name):
        write(band)
  return height * width / 1e6


def _shown(rows: Iterable[np.ndarray], height: int, name: str) -> Iterator[np.ndarray]:
  """Shows how far a picture is: a bar on a terminal, else a line now and then."""
  said = time.monotonic()
  with tqdm.tqdm(total=height, unit=" rows", desc=name, disable=None) as bar:
    done = 0
    for band in rows:
      yield band
      done += len(band)
      bar.update(len(band))
      if bar.disable and time.monotonic() - said > _LOG_SECONDS:
        said = time.monotonic()
        logging.info("%s: %d of %d rows", name, done, height)
