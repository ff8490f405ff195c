r"""A GAN beyond DCGAN on 96x96 anime faces: what learns most in an hour of CPU time.

  python -m jaxgan.main --config=configs/gan_anime.py [--config.data.path=FOLDER]

Residual networks (`jaxgan/nets/residual.py`), and the relativistic loss of pairs with
penalties on the discriminator's slope at real and generated images (Huang et al., 2024,
R3GAN), measured at a quarter of each batch, which costs less.
"""

import ml_collections

from jaxgan.configs import dcgan_anime


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny` for tests."""
  config = dcgan_anime.get_config(variant)
  config.network = "residual"
  tiny = variant == "tiny"
  config.generator = dict(
    latents=100,
    distribution="normal",
    width=4 if tiny else 48,  # Features at half the size, doubled with each halving...
    max_width=256,  # ...up to this many.
    slope=0.2,
    momentum=0.9,
    epsilon=1e-5,
  )
  config.discriminator = dict(width=4 if tiny else 32, max_width=512, slope=0.2)
  config.loss.update(
    name="relativistic_pairing", smoothing=0.0, r1=1.0, r2=1.0, penalized=0.25
  )
  return config
