r"""Siamese GAN from photographs to Monet's paintings.

  python -m jaxgan.main --config=configs/siamese_monet.py --config.data.a=PHOTOS \
      --config.data.b=MONET [--config.combo=False]

The sets are those of CycleGAN's monet2photo or like them: 256x256, so that tiles of 64
are seen at full size. On a CPU: --config.data.size=32 --config.data.batch_size=8.
"""

import ml_collections

from jaxgan.configs import siamese


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny` for tests."""
  config = siamese.get_config(variant)
  config.loss.content = 1.0  # At 10 the angles outweigh how real a picture is.
  config.generator.upsample = "resize"  # Joints hide in no checkerboard.
  return config
