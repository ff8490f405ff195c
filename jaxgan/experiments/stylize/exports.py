"""What can be exported of a run: the network that repaints photographs."""

from jaxgan.engine import workdir
from jaxgan.experiments.shared import exportable
from jaxgan.experiments.stylize import networks
from jaxgan.nets import residual_chain


def stylize(run: workdir.Run) -> exportable.Exportable:
  """Photographs repainted in a style, or in a mixture of several."""
  trained = networks.restore(run)
  net = trained.net.clone(dtype="float32")
  sides = exportable.free_sides(residual_chain.MULTIPLE)
  return exportable.Exportable(
    lambda params, photographs, styles: net.apply(
      {"params": params}, photographs, styles
    ),
    trained.params,
    (
      exportable.image("photographs", (*sides, 3), 0, 1),
      exportable.mixture("styles", trained.names),
    ),
    exportable.image("images", (*sides, 3), 0, 1),
  )


EXPORTS = {"stylize": stylize}
