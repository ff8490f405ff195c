"""What a model file must hold, by its config; see `experiments.Extras.contents`."""

import numpy as np

from jaxgan.engine import core, workdir
from jaxgan.experiments.patches import checks, inference
from jaxgan.experiments.shared import shapes


def contents(run: workdir.Run) -> dict[str, core.Tree]:
  """What `inference.restored` takes of a run."""
  checks.check(run.config)
  ((_, facts),) = run.facts.items()
  image, patch = facts["image"], run.config.patch
  if image.dtype != np.uint8 or image.ndim != 3 or image.shape[-1] not in (1, 3, 4):
    raise ValueError(f"its image is {image.dtype} {list(image.shape)}")
  if min(image.shape[:2]) < 2 * patch:
    raise ValueError(f"its image of {image.shape[:2]} has no two patches a side")
  basis = shapes.floats(patch**2 * image.shape[-1], run.config.fast.directions)
  return {f"extra.{inference.STATISTICS}": {"basis": basis}}
