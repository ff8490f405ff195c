r"""DCGAN on the 5,000 horses of CIFAR-10: the published 32x32 networks.

  python -m jaxgan.main --config=configs/dcgan_cifar_horses.py \
      [--config.data.path=FOLDER of horses]

The networks have 3,225,091 and 1,488,641 parameters. Trained as `dcgan_mnist`, for
3,850 steps of 64 images.
"""

import ml_collections

from jaxgan.configs import dcgan_mnist


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny` on drawn faces."""
  config = dcgan_mnist.get_config(variant)
  config.data.update(size=32, channels=3)
  if variant == "full":
    config.data.update(path="tfds:cifar10", only="horse", holdout=500)
    config.num_steps = 3_850
    config.every.update(checkpoint=770)
  config.generator.layers = (
    ((32, 32), 128, 3, 2, "SAME"),
    ((16, 16), 256, 3, 2, "SAME"),
    ((8, 8), 512, 4, 2, "SAME"),
  )
  config.discriminator.layers = (
    ((32, 32), 128, 3, 2, "SAME"),
    ((16, 16), 256, 3, 2, "SAME"),
    ((8, 8), 512, 3, 2, "SAME"),
  )
  return config
