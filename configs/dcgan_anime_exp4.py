r"""The fourth published anime-face experiment: a slower discriminator.

  python -m jaxgan.main --config=configs/dcgan_anime_exp4.py
      --config.data.path=FOLDER

One update each, the discriminator's learning rate a quarter of the generator's.
Published outcome: the best details and colors of the four; collapse at epoch 99, so
epoch 97 was chosen.
"""

import ml_collections

from jaxgan.configs import dcgan_anime_exp1


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full` or `tiny`."""
  config = dcgan_anime_exp1.published(variant, epochs=100, generator=1, discriminator=1)
  config.optimizer.discriminator.learning_rate = 5e-5
  return config
