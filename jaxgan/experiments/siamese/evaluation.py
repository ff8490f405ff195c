"""How well a generator translates, in training and afterward."""

from collections.abc import Callable, Iterator
import functools
from typing import Any

from absl import logging
import ml_collections
import numpy as np

from jaxgan.engine import core, workdir
from jaxgan.errors import UserError
from jaxgan.experiments.siamese import data as data_lib
from jaxgan.experiments.siamese import inference, tasks
from jaxgan.experiments.siamese import networks as networks_lib
from jaxgan.features import extractors
from jaxgan.metrics import content, generative, seams

Tree = Any


class Judge:
  """Compares translated windows of A with themselves and with windows of B.

  Args:
    domains: both domains; A's windows are of the pictures held out.
    num: windows of each domain.
    size: their side; 0 is 4 tiles, or what fits.
    tile: side of the tiles.
  """

  def __init__(self, domains: data_lib.Domains, num: int, size: int, tile: int):
    if num < 1 or size < 0:
      raise UserError(f"num = {num}, size = {size}: must be positive.")
    fits = min(int(domains.judged.shapes.min()), int(domains.b.shapes.min()))
    self._side, self._tile = size or min(4 * tile, fits), tile
    if self._side <= tile:
      raise UserError(
        f"size = {self._side}: windows of one tile of {tile} have no "
        "joints: ask for larger ones."
      )
    self._a = data_lib.windows(domains.judged, num, self._side)
    self._b = functools.partial(data_lib.windows, domains.b, num, self._side)

  @functools.cached_property
  def reference(self) -> generative.Reference:
    """Features of B's windows."""
    return generative.create_reference(self._b(), extractor=extractors.vgg16_features())

  def protocol(self) -> str:
    """How the numbers are made: only those of the same protocol may be compared."""
    return (
      f"windows of A of {self._side}x{self._side}, tiles of {self._tile}; "
      f"{generative.protocol(len(self._a), self.reference)}"
    )

  def __call__(self, translator: inference.Translator) -> Iterator[tuple[str, float]]:
    """Yields (name, value); *_real are those of A's windows, which were never tiled.

    seam_ratio sees steps across joints, seam_lines those beside them as well.
    """
    translated = np.stack([translator.picture(x) for x in self._a])
    for name, reach in (("seam_ratio", 0), ("seam_lines", 2)):
      for suffix, images in (("", translated), ("_real", self._a)):
        yield (
          name + suffix,
          float(seams.seam_ratio(images.astype(np.float32), self._tile, reach)),
        )
    yield from content.compare(self._a, translated)
    for name, value in generative.compare(translated, self.reference):
      if name.startswith(("fd_", "kid_", "saturation")):
        yield name, value


def in_training(
  config: ml_collections.ConfigDict,
  nets: networks_lib.Networks,
  domains: data_lib.Domains,
) -> Callable[[core.State], Iterator[tuple[str, float]]]:
  """An evaluation of the averaged generator on `config.evaluate.num` windows."""
  judge = functools.cache(
    lambda: Judge(domains, config.evaluate.num, config.evaluate.size, nets.tile)
  )

  def evaluate(state):
    return judge()(inference.Translator(nets, state.extra["ema"]))

  return evaluate


def evaluate(
  run: workdir.Run, *, num: int = 0, size: int = 0
) -> Iterator[tuple[str, float | str]]:
  """Joints, nearness to B, and what is left of A.

  Args:
    num: windows of each domain; 0 is the config's number.
    size: their side in pixels; 0 is the config's.
  """
  options = run.config.evaluate
  judge = Judge(
    data_lib.load(run.config),
    num or options.num,
    size or options.size,
    run.config.data.size,
  )
  yield "combo", bool(run.config.combo)
  logging.info("%s", judge.protocol())
  yield "protocol", judge.protocol()
  yield from judge(tasks.open_translator(run))
