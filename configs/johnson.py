r"""The network of one style that conditional normalization is compared with.

  python -m jaxgan.main --config=configs/johnson.py \
      --config.data.content=PHOTOS --config.data.styles=PAINTING.jpg

Johnson et al., 2016, in the released form with instance normalization: transposed
convolutions, which leave the checkerboard that upsampling first avoids, batch 4.
1,677,638 weights.
"""

import ml_collections

from jaxgan.configs import stylize


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny`."""
  config = stylize.get_config(variant)
  config.stylizer.upsample = "transpose"
  config.data.styles = "shipped:ihc"
  if variant == "full":
    config.data.batch_size = 4
  return config
