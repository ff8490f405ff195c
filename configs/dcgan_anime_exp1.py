r"""The first published anime-face experiment: update ratio 5:1, as the code's flags.

  python -m jaxgan.main --config=configs/dcgan_anime_exp1.py[:counts]
      --config.data.path=FOLDER

"5:1" may be read two ways. As the original program's flags (the default here) the
generator moves at every fifth batch, the discriminator at every one. As `:counts` it
is five moves of the generator to one of the discriminator. Published outcome after 200
epochs: faces improve but stay distorted and grayish, the discriminator converges
faster.
"""

import ml_collections

from jaxgan.configs import dcgan_anime

BATCHES_PER_EPOCH = 156  # 20,000 images in batches of 128.


def published(
  variant: str, *, epochs: int, generator: int, discriminator: int
) -> ml_collections.ConfigDict:
  """The recipe that all four experiments share, at one ratio of updates.

  Args:
    variant: "full" or "tiny".
    epochs: passes over 20,000 images.
    generator: moves of the generator in a step.
    discriminator: moves of the discriminator in a step, each with a batch of its own.
  """
  config = dcgan_anime.get_config(variant)
  if variant != "tiny":
    config.num_steps = epochs * BATCHES_PER_EPOCH // discriminator
    config.data.batch_size = 128
  config.data.flip = False
  config.generator.initializer = config.discriminator.initializer = "torch"
  config.loss.update(smoothing=0.0, augment="")
  config.optimizer.generator.repeats = generator
  config.optimizer.discriminator.repeats = discriminator
  config.ema = 0.0  # Pictures show the last weights, as published.
  return config


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full` (the flags' reading), `counts` or `tiny`."""
  if variant == "counts":
    return published("full", epochs=200, generator=5, discriminator=1)
  return published(variant, epochs=200, generator=1, discriminator=5)
