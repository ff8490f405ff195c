r"""ConSinGAN for short films out of one image.

  python -m jaxgan.main --config=configs/consingan_animation.py --config.image=PHOTO.jpg
  python -m jaxgan.generate --workdir=runs/consingan_animation --task=animate \
      --output=film.gif

The reconstruction's noise is random instead of the image, so that small changes of it
make small changes of the image.
"""

import ml_collections

from jaxgan.configs import consingan


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, `preview` or `tiny`."""
  config = consingan.get_config(variant)
  config.mode = "animation"
  if variant != "tiny":
    config.min_size = 20
  return config
