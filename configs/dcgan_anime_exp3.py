r"""The third published anime-face experiment: one update each.

  python -m jaxgan.main --config=configs/dcgan_anime_exp3.py
      --config.data.path=FOLDER

Published outcome: fairly complete faces at epoch 49, with better details than
those of the first two, still grayish; the generator's loss rises throughout.
"""

import ml_collections

from jaxgan.configs import dcgan_anime_exp1


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full` or `tiny`."""
  return dcgan_anime_exp1.published(variant, epochs=100, generator=1, discriminator=1)
