"""What can be exported of a run: its generator, at one size."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.engine import workdir
from jaxgan.experiments.shared import exportable, one_image
from jaxgan.experiments.single_image import inference


def sample(
  run: workdir.Run, *, size: str = "", scale: str = "1"
) -> exportable.Exportable:
  """New images like the training image, all of one size.

  Args:
    size: HEIGHTxWIDTH in pixels, or the longer side; by default as trained.
    scale: instead of a size, a factor, or HEIGHTxWIDTH factors such as 1x2.
  """
  source = inference.restored(run)
  sizes = one_image.chosen_sizes(source, size, scale)
  shapes = [source.noise_shape(i, each) for i, each in enumerate(sizes)]
  common, drawn = (sizes, source.amplitudes), list(shapes)
  if isinstance(source, inference.ConSinGAN):
    apply = lambda weights, noises: source.net.apply(
      {"params": weights}, noises, *common
    )
  else:
    apply = lambda weights, noises: source.scales.chain(weights, noises, *common)
    drawn[0] = (*drawn[0][:2], 1)  # The coarsest has one value for all channels.

  def generate(weights, *noises):
    spread = [
      jnp.broadcast_to(noise, (noise.shape[0], *shape))
      for noise, shape in zip(noises, shapes, strict=True)
    ]
    return jnp.clip(apply(weights, spread), -1, 1)

  return exportable.Exportable(
    generate,
    jax.tree.map(np.asarray, source.variables),
    tuple(exportable.latents(f"noise_{i}", shape) for i, shape in enumerate(drawn)),
    exportable.image("images", (*sizes[-1], source.channels), -1, 1),
  )


EXPORTS = {"sample": sample}
