r"""The second published anime-face experiment: update ratio 1:5.

  python -m jaxgan.main --config=configs/dcgan_anime_exp2.py[:counts]
      --config.data.path=FOLDER

As flags (the default) the discriminator moves at every fifth batch; as `:counts` five
times for each move of the generator. Published outcome: images become alike, many are
unrecognisable.
"""

import ml_collections

from jaxgan.configs import dcgan_anime_exp1


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full` (the flags' reading), `counts` or `tiny`."""
  if variant == "counts":
    return dcgan_anime_exp1.published("full", epochs=200, generator=1, discriminator=5)
  return dcgan_anime_exp1.published(variant, epochs=200, generator=5, discriminator=1)
