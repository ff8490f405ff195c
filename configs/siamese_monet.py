r"""Siamese GAN from photographs to Monet's paintings.

  python -m jaxgan.main --config=configs/siamese_monet.py --config.data.a=PHOTOS \
      --config.data.b=MONET [--config.combo=False]

The data are CycleGAN's monet2photo or similar sets: images of 256x256, from which tiles
of 64 are cut at full size. On a CPU use --config.data.size=32
--config.data.batch_size=8.
"""

import ml_collections

from jaxgan.configs import siamese


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny` for tests."""
  config = siamese.get_config(variant)
  config.loss.content = 1.0  # At 10 the angles outweigh how real an image is.
  config.generator.upsample = "resize"  # A checkerboard would hide seams.
  return config
