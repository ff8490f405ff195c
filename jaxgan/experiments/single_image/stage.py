"""The family's stages: one for every size of the picture."""
import jax
import ml_collections

from jaxgan.engine import core
from jaxgan.errors import UserError, nearest
from jaxgan.experiments.single_image import consingan, pictures

SCALARS = ("wasserstein", "gradient_penalty", "gradient_discriminator",
           "loss_generator", "reconstruction")


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage for every size, each growing out of the one before.

  Raises:
    UserError: see `pictures.load` and `consingan.networks`.
  """
  if config.network not in ("consingan", "singan"):
    raise UserError(f"config.network = {config.network!r} is not known: "
                    f"{nearest(config.network, ('consingan', 'singan'))}")
  known = pictures.load(config)
  return [make_stage(config, known[0], index)
          for index in range(len(known[0].levels))]


def make_stage(config: ml_collections.ConfigDict, picture: pictures.Picture,
               index: int) -> core.Stage:
  """Stage `index` of one picture."""
  sizes = picture.sizes[:index + 1]
  channels = picture.reals[0].shape[-1]
  trainer = consingan.Trainer(config, index, sizes, channels)
  reals = {str(i): real for i, real in enumerate(picture.reals[:index + 1])}
  height, width = sizes[-1]
  return core.Stage(
      name=f"{index}_{height}x{width}", num_steps=config.num_steps,
      init=lambda key, previous: trainer.init(
          key, previous, jax.tree.map(jax.numpy.asarray, reals)),
      update=lambda state, batch: trainer.update(state),
      metrics=core.average_of(*SCALARS),
      render=lambda state, batch: trainer.render(state),
      facts={"size": [height, width], "scale": picture.levels[index].scale,
             "channels": channels})
