r"""SinGAN: a generator from one image, scale by scale, each with networks of its own.

  python -m jaxgan.main --config=configs/singan.py --config.image=PHOTO.jpg
  python -m jaxgan.generate --workdir=runs/singan --task=sample --output=samples.png

Here the number of scales follows from `factor`. For animation: --config.mode=animation.
"""

import ml_collections

from jaxgan.configs import consingan


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full` as published, `preview`, or `tiny` for tests."""
  config = consingan.get_config(variant)
  config.network = "singan"
  config.factor = 0.75  # Size of each scale relative to the next.
  config.features = 32  # Doubled every four scales, up to 128.
  config.slope = 0.2
  for name in (
    "num_stages",
    "spacing",
    "train_depth",
    "lr_scale",
    "activation",
    "batch_norm",
    "augmentation",
  ):  # ConSinGAN's own.
    del config[name]
  if variant == "tiny":
    config.features, config.factor = 4, 0.6
  return config
