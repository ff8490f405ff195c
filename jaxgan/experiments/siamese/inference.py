"""Images of any size through a trained generator of small tiles."""

from collections.abc import Iterable, Iterator, Sequence
import functools
import pathlib

import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P
import numpy as np

from jaxgan import progress
from jaxgan.engine import core, sharding, workdir
from jaxgan.experiments.siamese.networks import Networks, create_networks
from jaxgan.images import pixels, stream, tiles

MOST_AT_ONCE = 2**21  # Pixels of a batch: 128 tiles of 128x128.


class Translator:
  """A trained generator; every batch of tiles is split over all devices.

  A tile comes out the same whichever others are in its batch: batch norm uses the
  averages of training, and batches are padded to one size. Translators of the same
  networks share their compiled programs.

  Args:
    nets: the networks.
    variables: the generator's weights and statistics.
    batch_size: tiles at once, fewer if they are large; rounded up to a multiple of the
      devices.
  """

  def __init__(self, nets: Networks, variables: core.Tree, batch_size: int = 128):
    mesh = sharding.make_mesh()
    self.tile, self._nets = nets.tile, nets
    self._split = NamedSharding(mesh, P("data"))
    batch_size = min(batch_size, max(MOST_AT_ONCE // nets.tile**2, 1))
    self._batch = -(-batch_size // mesh.size) * mesh.size
    self._variables = sharding.replicate(variables, mesh)

  @property
  def parameters(self) -> int:
    """Weights that translate."""
    return sum(x.size for x in jax.tree.leaves(self._variables["params"]))

  def image(self, image: np.ndarray, border: str = "pad") -> np.ndarray:
    """An image uint8 [h, w, 3] in memory, translated."""
    source = stream.of_array(image)
    return np.concatenate(list(self.stream(tiles.Tiling(source, self.tile, border))))

  def stream(self, grid: tiles.Tiling) -> Iterator[np.ndarray]:
    """Yields the rows of a tiled image, translated, in bands."""
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
        joined = np.concatenate(held)
        whole = count // self._batch * self._batch
        yield from joined[:whole].reshape(-1, self._batch, *joined.shape[1:])
        held, count = [joined[whole:]], count - whole
    if count:
      yield np.concatenate(held)

  def _translated(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Batches of tiles, each fetched when the next is under way."""
    waiting = None
    for batch in batches:
      padded = np.zeros((self._batch, *batch.shape[1:]), np.uint8)
      padded[: len(batch)] = batch
      result = _translate(
        self._nets, self._variables, jax.device_put(padded, self._split)
      )
      if waiting:
        yield np.asarray(waiting[0])[: waiting[1]]
      waiting = result, len(batch)
    if waiting:
      yield np.asarray(waiting[0])[: waiting[1]]

  def _regrouped(
    self, batches: Iterable[np.ndarray], size: int
  ) -> Iterator[np.ndarray]:
    """Batches of tiles to groups of `size`, one for each row of the grid."""
    held = np.zeros((0, self.tile, self.tile, 3), np.uint8)
    for batch in batches:
      held = np.concatenate((held, batch))
      while len(held) >= size:
        yield held[:size]
        held = held[size:]


@functools.partial(jax.jit, static_argnames="nets")
def _translate(nets: Networks, variables: core.Tree, batch: jax.Array) -> jax.Array:
  """Tiles uint8 [n, S, S, 3], split over devices, to the same."""
  return pixels.to_uint8(nets.infer(variables, pixels.to_floats(batch)))


def open_translator(run: workdir.Run, batch_size: int = 128) -> Translator:
  """The averaged generator of a run's checkpoint."""
  nets = create_networks(run.config)
  return Translator(nets, run.restore("extra.ema"), batch_size)


def choices(run: workdir.Run) -> dict[str, Sequence[str]]:
  """The values of tasks' options."""
  return {"border": tiles.BORDERS}


def exported(run: workdir.Run) -> dict[str, core.Tree]:
  """What tasks restore of a run: the averaged generator."""
  return workdir.restore_matching(run, "extra.ema")


def translate_file(
  translator: Translator,
  source: str | pathlib.Path,
  output: pathlib.Path,
  *,
  border: str,
  scale: float,
  crop: tuple[int, int] | None = None,
) -> float:
  """Translates an image from file to file in bounded memory, and shows how far it is.

  See `tiles` for the border, and `stream.open_picture` for the scale and the crop.

  Returns:
    Megapixels written.

  Raises:
    UserError: it cannot be read, tiled so, or written under that name.
  """
  with stream.open_picture(source, scale, crop) as image:
    grid = tiles.Tiling(image, translator.tile, border)
    height, width = grid.rows.length, grid.columns.length
    with (
      stream.create_picture(output, height, width, image.channels) as write,
      progress.track(height, pathlib.PurePath(source).name, unit="rows") as advance,
    ):
      for band in translator.stream(grid):
        write(band)
        advance(len(band))
  return height * width / 1e6
