"""Images of any size through a trained generator."""

from collections.abc import Sequence
import pathlib

import jax
import numpy as np

from jaxgan.engine import core, workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import passes
from jaxgan.experiments.translation.methods import create_method
from jaxgan.experiments.translation.networks import Networks
from jaxgan.images import pixels, stream, tiles


class Translator:
  """A trained generator on whole images.

  Instance norm ties every pixel to the image's statistics, so that tiles translated by
  themselves do not match. Large images are computed in parts with the statistics of
  the whole; `tiled` shows what is lost otherwise.

  Args:
    nets: the networks.
    params: the generator's weights.
    scratch: folder for the files that large images need.
    whole: pixels that are translated at once.
  """

  def __init__(
    self,
    nets: Networks,
    params: core.Tree,
    scratch: pathlib.Path,
    whole: int = passes.WHOLE,
  ):
    self._net, self._params = nets.generator, jax.device_put(params)
    self._scratch, self._whole = scratch, whole

  @property
  def parameters(self) -> int:
    """Weights that translate."""
    return sum(x.size for x in jax.tree.leaves(self._params))

  def image(self, image: np.ndarray) -> np.ndarray:
    """An image uint8 [h, w, 3] of any size, translated."""
    full = passes.padded(image)
    if full.shape[0] * full.shape[1] <= self._whole:
      output = self._at_once(full[None])[0]
    else:
      output = passes.in_parts(
        self._net, self._params, full, lambda tile: None, self._scratch
      )
    return output[: image.shape[0], : image.shape[1]]

  def tiled(self, image: np.ndarray, tile: int, border: str) -> np.ndarray:
    """An image in tiles that know nothing of each other; see `images.tiles`."""
    grid = tiles.Tiling(stream.of_array(image), tile, border)
    return np.concatenate(list(grid.join(self._at_once(row) for row in grid.tiles())))

  def _at_once(self, images: np.ndarray) -> np.ndarray:
    """Images uint8 [n, h, w, 3], sides divisible by 4, translated."""
    outputs = passes.whole(self._net, self._params, images)
    return pixels.to_uint8(np.asarray(outputs), self._net.LOW)


def restore(run: workdir.Run, direction: str) -> tuple[Networks, core.Tree]:
  """A run's networks, and the averaged weights of the generator of a direction.

  Raises:
    UserError: the run's method has none.
  """
  method = create_method(run.config)
  if direction not in method.DIRECTIONS:
    raise UserError(
      f"--direction={direction}: {run.config.method} learns "
      f"{' and '.join(method.DIRECTIONS)}."
    )
  return method.nets, run.restore("extra.ema")[direction]


def open_translator(
  run: workdir.Run, direction: str, scratch: pathlib.Path
) -> Translator:
  """The generator of a direction; see `restore`."""
  return Translator(*restore(run, direction), scratch)


def choices(run: workdir.Run) -> dict[str, Sequence[str]]:
  """The values of tasks' options."""
  return {"direction": create_method(run.config).DIRECTIONS}


def exported(run: workdir.Run) -> dict[str, core.Tree]:
  """What tasks restore of a run: the averaged generators."""
  return workdir.restore_matching(run, "extra.ema")


def translate_file(
  translator: Translator,
  source: str | pathlib.Path,
  output: pathlib.Path,
  *,
  scale: float,
  crop: tuple[int, int] | None = None,
) -> float:
  """Translates an image from file to file; opacity is kept.

  See `stream.open_picture` for the scale and the crop.

  Returns:
    Megapixels written.

  Raises:
    UserError: it cannot be read, or written under that name.
  """
  with stream.open_picture(source, scale, crop) as bands:
    pixels = bands.read(bands.height)
  result = np.concatenate((translator.image(pixels[..., :3]), pixels[..., 3:]), -1)
  with stream.create_picture(output, *result.shape) as write:
    write(result)
  return bands.height * bands.width / 1e6
