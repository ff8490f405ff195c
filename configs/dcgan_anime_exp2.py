r"""The second published anime-face experiment: update ratio 1:5.

  python -m jaxgan.main --config=configs/dcgan_anime_exp2.py[:counts]
      --config.data.path=FOLDER

Read as flags (the default), the generator is updated with every batch and the
discriminator with every fifth; as `:counts`, the discriminator has five updates for one
of the generator. Published outcome: images become alike, many are unrecognizable.
"""

import ml_collections

from jaxgan.configs import dcgan_anime_exp1


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full` (1:5 read as flags), `counts` or `tiny`."""
  if variant == "counts":
    return dcgan_anime_exp1.published("full", epochs=200, generator=1, discriminator=5)
  return dcgan_anime_exp1.published(variant, epochs=200, generator=5, discriminator=1)
