r"""The first published anime-face experiment: update ratio 5:1.

  python -m jaxgan.main --config=configs/dcgan_anime_exp1.py[:counts]
      --config.data.path=FOLDER

"5:1" can be read in two ways. As the flags of the original program (the default here)
the discriminator is updated with every batch, and the generator with every fifth. As
`:counts` it means five updates of the generator for one of the discriminator. Published
outcome after 200 epochs: faces improve but stay distorted and grayish, and the
discriminator converges faster.
"""

import ml_collections

from jaxgan.configs import dcgan_anime

BATCHES_PER_EPOCH = 156  # 20,000 images in batches of 128.


def published(
  variant: str, *, epochs: int, generator: int, discriminator: int
) -> ml_collections.ConfigDict:
  """The recipe that all four experiments share, with a ratio of updates.

  Args:
    variant: "full" or "tiny".
    epochs: passes over 20,000 images.
    generator: updates of the generator in a step.
    discriminator: updates of the discriminator in a step, each with its own batch.
  """
  config = dcgan_anime.preset(variant)
  if variant != "tiny":
    config.num_steps = epochs * BATCHES_PER_EPOCH // discriminator
    config.data.batch_size = 128
  config.expect = ""
  config.data.flip = False
  config.generator.initializer = config.discriminator.initializer = "torch"
  config.loss.update(smoothing=0.0, augment="")
  config.updates_per_step.update(generator=generator, discriminator=discriminator)
  config.ema = 0.0  # Images are made with the last weights, as published.
  return config


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full` (5:1 read as flags), `counts` or `tiny`."""
  if variant == "counts":
    return published("full", epochs=200, generator=5, discriminator=1)
  return published(variant, epochs=200, generator=1, discriminator=5)
