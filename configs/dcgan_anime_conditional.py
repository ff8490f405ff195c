r"""DCGAN on anime faces with chosen hair and eyes.

  python -m jaxgan.main --config=configs/dcgan_anime_conditional.py
  python -m jaxgan.generate --workdir=runs/dcgan_anime_conditional --task=sample \
      --labels=hair=blue,eyes=red --output=blue_red.png

Drawn faces have labels of their own. For a folder of images give a CSV file with rows
of file,attribute,... as --config.data.labels=PATH.
"""

import ml_collections

from jaxgan.configs import dcgan_anime


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """Variants as of `dcgan_anime`, conditional on all attributes of the labels."""
  config = dcgan_anime.get_config(variant)
  config.conditional = True
  config.expect = "faces in images/ from step 2,500 or so on"
  return config
