r"""A GAN of two small dense networks on MNIST, the baseline of `dcgan_mnist`.

  python -m jaxgan.main --config=configs/mlp_mnist.py \
      [--config.data.path=FOLDER with the four idx.gz files]

The networks have 114,064 and 100,609 parameters. Adam with learning rate 1e-3, batches
of 64, 300 epochs.
"""

import ml_collections

from jaxgan.configs import dcgan_mnist


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny` on drawn faces in gray."""
  config = dcgan_mnist.get_config(variant)
  if variant == "full":
    config.num_steps = 257_700
    config.every.update(image=2_000, checkpoint=20_000)
  config.network = "mlp"
  config.generator = dict(
    latents=100, distribution="uniform", width=128, slope=dcgan_mnist.SLOPE
  )
  config.discriminator = dict(width=128, slope=dcgan_mnist.SLOPE, norm="none")
  for player in (config.optimizer.generator, config.optimizer.discriminator):
    player.b1 = 0.9
  return config
