"""What can be exported of a run: the generator of a direction."""

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.experiments.shared import exportable
from jaxgan.experiments.translation import inference
from jaxgan.nets import residual_chain


def translate(run: workdir.Run, *, direction: str = "ab") -> exportable.Exportable:
  """Images of one domain translated into the other.

  Args:
    direction: ab, or ba (CycleGAN alone learns it).
  """
  nets, params = inference.restore(run, direction)
  net = nets.generator.clone(dtype="float32")
  sides = exportable.free_sides(residual_chain.MULTIPLE)
  return exportable.Exportable(
    lambda params, sources: net.apply({"params": params}, sources),
    jax.tree.map(np.asarray, params),
    (exportable.image("sources", (*sides, 3), -1, 1),),
    exportable.image("images", (*sides, 3), -1, 1),
  )


EXPORTS = {"translate": translate}
