"""The optimized image of a run."""

import numpy as np

from jaxgan.engine import workdir
from jaxgan.experiments.gatys.objective import PICTURE


def restore_pixels(run: workdir.Run) -> np.ndarray:
  """The pixels of a run's checkpoint, float32 [1, h, w, 3] in [0, 1]."""
  return run.restore(f"params.{PICTURE}")["pixels"]
