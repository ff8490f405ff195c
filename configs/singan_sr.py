r"""SinGAN for enlarging the image it is trained on, four times by default.

  python -m jaxgan.main --config=configs/singan_sr.py --config.image=SMALL.png
  python -m jaxgan.generate --workdir=runs/singan_sr --task=superres --output=large.png

The ratio of the scales is 4^(-1/6), so that applying the last scale six times enlarges
four times.
"""

import ml_collections

from jaxgan.configs import singan


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, `preview` or `tiny`."""
  config = singan.get_config(variant)
  config.factor = 4 ** (-1 / 6)
  config.reconstruction = 100.0
  if variant != "tiny":
    config.min_size = 18
  return config
