r"""DCGAN on MNIST: the published 28x28 networks, 5 epochs.

  python -m jaxgan.main --config=configs/dcgan_mnist.py \
      [--config.data.path=FOLDER with the four idx.gz files]

The networks have 3,222,785 and 1,486,337 parameters. Adam with learning rate 1e-3 and
b1 0.4, batches of 64, 4,295 steps.
"""

import ml_collections

from jaxgan.configs import dcgan_anime

SLOPE, RATE = 0.01, 0.2  # Slope of leaky ReLU and rate of dropout, in both networks.


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny` on drawn faces in gray."""
  config = dcgan_anime.preset(variant)
  config.expect = ""
  config.data.update(size=28, channels=1, flip=False)
  if variant == "full":
    config.data.update(path="tfds:mnist", batch_size=64)
    config.num_steps = 4_295
    config.every.update(log=50, image=500, checkpoint=859, evaluate=0)
  shared = dict(
    slope=SLOPE,
    dropout=RATE,
    use_bias=True,
    initializer="glorot",
    momentum=0.99,
    epsilon=1e-3,
  )
  config.generator.update(
    distribution="uniform",
    layers=(
      ((28, 28), 128, 3, 2, "SAME"),
      ((14, 14), 256, 3, 2, "SAME"),
      ((7, 7), 512, 4, 1, "VALID"),
    ),
    **shared,
  )
  config.discriminator.update(
    layers=(
      ((28, 28), 128, 3, 2, "SAME"),
      ((14, 14), 256, 3, 2, "SAME"),
      ((7, 7), 512, 3, 2, "SAME"),
    ),
    **shared,
  )
  config.loss.augment = ""
  for player in (config.optimizer.generator, config.optimizer.discriminator):
    player.update(learning_rate=1e-3, b1=0.4)
  return config
