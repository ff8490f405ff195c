"""What a model file must hold, by its config; see `experiments.Extras.contents`."""

from jaxgan.engine import core, workdir
from jaxgan.experiments.shared import shapes
from jaxgan.experiments.siamese import checks
from jaxgan.experiments.siamese.networks import create_networks


def contents(run: workdir.Run) -> dict[str, core.Tree]:
  """What `inference.exported` takes of a run."""
  checks.check_networks(run.config)
  nets = create_networks(run.config)
  tiles = shapes.floats(1, nets.tile, nets.tile, 3)
  return {"extra.ema": shapes.variables(nets.generator, tiles, train=False)}
