"""What a model file must hold, by its config; see `experiments.Extras.contents`."""

from jaxgan.engine import core, workdir
from jaxgan.experiments.shared import shapes
from jaxgan.experiments.translation import checks
from jaxgan.experiments.translation.methods import create_method
from jaxgan.nets import residual_chain


def contents(run: workdir.Run) -> dict[str, core.Tree]:
  """What `inference.exported` takes of a run."""
  checks.check_networks(run.config)
  method, side = create_method(run.config), 16 * residual_chain.MULTIPLE
  images = shapes.floats(1, side, side, 3)
  params = shapes.variables(method.nets.generator, images)["params"]
  return {"extra.ema": dict.fromkeys(method.DIRECTIONS, params)}
