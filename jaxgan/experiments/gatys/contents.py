"""What a model file must hold, by its config; see `experiments.Extras.contents`."""

from jaxgan.engine import core, workdir
from jaxgan.experiments.gatys import inference
from jaxgan.experiments.gatys.objective import PICTURE
from jaxgan.experiments.shared import shapes


def contents(run: workdir.Run) -> dict[str, core.Tree]:
  """What `inference.restore_pixels` takes of a run: an image of any size."""
  _, height, width, _ = inference.restore_pixels(run).shape
  return {f"params.{PICTURE}": {"pixels": shapes.floats(1, height, width, 3)}}
