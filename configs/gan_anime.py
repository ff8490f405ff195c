r"""A GAN beyond the published one on 96x96 anime faces: more learned in an hour.

  python -m jaxgan.main --config=configs/gan_anime.py[:preview] \
      [--config.data.path=FOLDER]

As `dcgan_anime`, but all layers halve and double, from 96 pixels to 6: no layer of
stride 3 leaves a grid, a step takes four fifths of the time, and the networks have
less than a third of the weights. docs/results.md compares them.
"""

import ml_collections

from jaxgan.configs import dcgan_anime


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, `preview` as of `dcgan_anime`, or `tiny` for tests."""
  config = dcgan_anime.get_config(variant)
  config.expect = "faces in images/ from step 1,500 or so on"
  config.generator.update(latents=64, stride=2)
  if variant != "tiny":
    config.generator.width = 32
  return config
