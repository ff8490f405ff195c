"""How well a generator translates, in training and afterward."""

from collections.abc import Callable, Iterator
import functools
import pathlib
import tempfile

from absl import logging
import ml_collections

from jaxgan.engine import core, workdir
from jaxgan.experiments.shared import comparison, unpaired
from jaxgan.experiments.translation import data, inference
from jaxgan.experiments.translation.methods import Method


def tile_of(config: ml_collections.ConfigDict) -> int:
  """Pixels between the seams that are measured."""
  return config.evaluate.tile or config.data.size


def in_training(
  config: ml_collections.ConfigDict, method: Method, domains: unpaired.Domains
) -> Callable[[core.State], Iterator[tuple[str, float]]]:
  """An evaluation of the averaged generator "ab" on `config.evaluate.num` windows.

  Raises:
    UserError: windows of `config.evaluate.size` do not fit into the images.
  """
  options, scratch = config.evaluate, pathlib.Path(tempfile.gettempdir())
  compare = comparison.Comparison(domains, options.num, options.size, tile_of(config))
  return lambda state: compare(
    inference.Translator(method.nets, state.extra["ema"]["ab"], scratch).image
  )


def evaluate(
  run: workdir.Run, *, num: int = 0, size: str = "", tile: int = 0, tiled: bool = True
) -> Iterator[tuple[str, float | str]]:
  """Nearness to B, and what is left of A; and what happens to images cut into tiles.

  tiles_* are of tiles translated by themselves, blend_* of tiles that overlap by half
  and fade into each other, whose seams are half a tile apart.

  Args:
    num: windows of each domain; 0 is the config's number.
    size: side of the windows in pixels; by default the config's.
    tile: side of the tiles in pixels; 0 is the config's.
    tiled: measure tiles as well.
  """
  tile = tile or tile_of(run.config)
  options = comparison.arguments_of(run.config, num, size, tile)
  compare = comparison.Comparison(data.load(run.config), *options)
  with tempfile.TemporaryDirectory() as scratch:
    translator = inference.open_translator(run, "ab", pathlib.Path(scratch))
    yield "method", run.config.method
    logging.info("%s", compare.protocol())
    yield "protocol", compare.protocol()
    yield "parameters", translator.parameters
    yield from compare(translator.image, thorough=True)
    ways = (("tiles", "pad", tile), ("blend", "blend", tile // 2)) if tiled else ()
    for name, border, seams in ways:
      translate = functools.partial(translator.tiled, tile=tile, border=border)
      for measure, value in compare(translate, tile=seams):
        if "_real" not in measure:
          yield f"{name}_{measure}", value
