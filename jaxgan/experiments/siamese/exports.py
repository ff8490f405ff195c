"""What can be exported of a run: the generator of tiles."""

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.experiments.shared import exportable
from jaxgan.experiments.siamese.networks import create_networks


def translate(run: workdir.Run) -> exportable.Exportable:
  """Images of domain A translated into B, tile by tile."""
  config = run.config.copy_and_resolve_references()
  config.dtype = "float32"
  nets = create_networks(config)
  shape = (nets.tile, nets.tile, 3)
  return exportable.Exportable(
    nets.infer,
    jax.tree.map(np.asarray, run.restore("extra.ema")),
    (exportable.image("tiles", shape, -1, 1),),
    exportable.image("images", shape, -1, 1),
  )


EXPORTS = {"translate": translate}
