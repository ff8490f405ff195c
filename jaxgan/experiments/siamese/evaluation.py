"""How well a generator translates, in training and afterward."""

from collections.abc import Callable, Iterator

from absl import logging
import ml_collections

from jaxgan.engine import core, workdir
from jaxgan.experiments.shared import comparison, unpaired
from jaxgan.experiments.siamese import data, inference
from jaxgan.experiments.siamese.networks import Networks


def in_training(
  config: ml_collections.ConfigDict, nets: Networks, domains: unpaired.Domains
) -> Callable[[core.State], Iterator[tuple[str, float]]]:
  """An evaluation of the averaged generator on `config.evaluate.num` windows.

  Raises:
    UserError: windows of `config.evaluate.size` do not fit into the images.
  """
  options = config.evaluate
  compare = comparison.Comparison(domains, options.num, options.size, nets.tile)
  return lambda state: compare(inference.Translator(nets, state.extra["ema"]).image)


def evaluate(
  run: workdir.Run, *, num: int = 0, size: str = ""
) -> Iterator[tuple[str, float | str]]:
  """Seams, nearness to B, and what is left of A.

  Args:
    num: windows of each domain; 0 is the config's number.
    size: side of the windows in pixels; by default the config's.
  """
  config = run.config
  options = comparison.arguments_of(config, num, size, config.data.size)
  compare = comparison.Comparison(data.load(config), *options)
  translator = inference.open_translator(run, compare.tiles)
  yield "combo", bool(config.combo)
  logging.info("%s", compare.protocol())
  yield "protocol", compare.protocol()
  yield "parameters", translator.parameters
  yield from compare(translator.image, thorough=True)
