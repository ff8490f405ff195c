"""How well a generator translates, in training and afterward."""

from collections.abc import Callable, Iterator
import functools

from absl import logging
import ml_collections
import numpy as np

from jaxgan.engine import core, workdir
from jaxgan.experiments.shared import unpaired
from jaxgan.experiments.shared.arguments import check_memory, check_num, side
from jaxgan.experiments.siamese import data, inference
from jaxgan.experiments.siamese.checks import check_side
from jaxgan.experiments.siamese.networks import Networks
from jaxgan.features import extractors
from jaxgan.metrics import content, generative, seams


class Comparison:
  """Compares translated windows of A with the same before, and with windows of B.

  Args:
    domains: both domains; A's windows are of the images held out.
    num: windows of each domain.
    side: of the windows in pixels; 0 is 4 tiles, or what fits into all images.
    tile: side of the tiles in pixels.

  Raises:
    UserError: windows of that side do not fit, or have no seams.
  """

  def __init__(self, domains: unpaired.Domains, num: int, side: int, tile: int):
    sets = domains.evaluated, domains.b
    self._side = side or min(4 * tile, *(int(images.shapes.min()) for images in sets))
    check_side(self._side, tile, "size")
    for images in sets:
      unpaired.check_fit(images, self._side)
    self._domains, self._num, self._tile = domains, num, tile

  @functools.cached_property
  def _a(self) -> np.ndarray:
    return unpaired.windows(self._domains.evaluated, self._num, self._side)

  @functools.cached_property
  def reference(self) -> generative.Reference:
    """Features of B's windows."""
    return generative.create_reference(
      unpaired.windows(self._domains.b, self._num, self._side),
      extractor=extractors.vgg16_features(),
    )

  def protocol(self) -> str:
    """How the numbers are made: only those of the same protocol may be compared."""
    return (
      f"windows of A of {self._side}x{self._side}, tiles of {self._tile}; "
      f"{generative.protocol(self._num, self.reference)}"
    )

  def __call__(
    self, translator: inference.Translator, *, thorough: bool = False
  ) -> Iterator[tuple[str, float]]:
    """Yields (name, value); *_real are those of A's windows, which were never tiled.

    seam_ratio is of steps across seams, seam_lines of those beside them as well.

    Args:
      translator: translates A.
      thorough: with measures that would slow training down.
    """
    translated = np.stack([translator.image(x) for x in self._a])
    for name, reach in (("seam_ratio", 0), ("seam_lines", 2)):
      for suffix, images in (("", translated), ("_real", self._a)):
        ratio = seams.seam_ratio(images.astype(np.float32), self._tile, reach)
        yield name + suffix, float(ratio)
    yield from content.compare(self._a, translated, thorough=thorough)
    for name, value in generative.compare(translated, self.reference):
      if name.startswith(("fd_", "kid_", "swd_", "saturation")):
        yield name, value


def in_training(
  config: ml_collections.ConfigDict, nets: Networks, domains: unpaired.Domains
) -> Callable[[core.State], Iterator[tuple[str, float]]]:
  """An evaluation of the averaged generator on `config.evaluate.num` windows.

  Raises:
    UserError: windows of `config.evaluate.size` do not fit into the images.
  """
  options = config.evaluate
  compare = Comparison(domains, options.num, options.size, nets.tile)
  return lambda state: compare(inference.Translator(nets, state.extra["ema"]))


def evaluate(
  run: workdir.Run, *, num: int = 0, size: str = ""
) -> Iterator[tuple[str, float | str]]:
  """Seams, nearness to B, and what is left of A.

  Args:
    num: windows of each domain; 0 is the config's number.
    size: side of the windows in pixels; by default the config's.
  """
  config = run.config
  num = num or config.evaluate.num
  check_num(num, least=generative.MIN_IMAGES)
  pixels, tile = side(size) or config.evaluate.size, config.data.size
  check_memory(num, pixels or 4 * tile, pixels or 4 * tile)
  compare = Comparison(data.load(config), num, pixels, tile)
  yield "combo", bool(config.combo)
  logging.info("%s", compare.protocol())
  yield "protocol", compare.protocol()
  yield from compare(inference.open_translator(run), thorough=True)
