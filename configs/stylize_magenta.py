r"""Many styles in one network, as Magenta's code has it.

  python -m jaxgan.main --config=configs/stylize_magenta.py \
      --config.data.content=PHOTOS --config.data.styles=PAINTINGS

Nearest upsampling, content at relu3_3, whole paintings as they are. Its weight of 1e-4
is for Caffe's VGG16; here the weights are those that mean the same to torchvision's.
"""

import ml_collections

from jaxgan.configs import stylize


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny`."""
  config = stylize.get_config(variant)
  config.stylizer.upsample = "nearest"
  config.loss.content = dict(relu3_3=1.0)
  if variant == "full":
    config.data.style_size = 0
  return config
