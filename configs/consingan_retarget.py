r"""ConSinGAN for images of other sizes and aspects than the training image's.

  python -m jaxgan.main --config=configs/consingan_retarget.py --config.image=PHOTO.jpg
  python -m jaxgan.generate --workdir=runs/consingan_retarget --task=retarget \
      --output=wide.png --size=500x167

Stages are padded by zeros instead of noise, so that borders look alike at any size.
"""

import ml_collections

from jaxgan.configs import consingan


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, `preview` or `tiny`."""
  config = consingan.get_config(variant)
  config.mode = "retarget"
  return config
