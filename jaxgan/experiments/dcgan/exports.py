"""What can be exported of a run: the generator."""

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.experiments.dcgan import inference
from jaxgan.experiments.dcgan.networks import create_networks, image_size
from jaxgan.experiments.shared import exportable


def sample(run: workdir.Run) -> exportable.Exportable:
  """New images, with a choice for each attribute if the run has labels."""
  config = run.config.copy_and_resolve_references()
  config.dtype = "float32"
  classes = inference.facts(run)["classes"]
  nets = create_networks(config, classes)
  attributes = sorted(classes)

  def generate(variables, latents, *labels):
    chosen = dict(zip(attributes, labels, strict=True))
    return nets.generator.apply(variables, latents, chosen, train=False)

  labels = [exportable.choice(name, tuple(classes[name])) for name in attributes]
  return exportable.Exportable(
    generate,
    jax.tree.map(np.asarray, run.restore("extra.ema")),
    (exportable.latents("latents", (nets.latents,), nets.distribution), *labels),
    exportable.image("images", (*image_size(config), config.data.channels), -1, 1),
  )


EXPORTS = {"sample": sample}
