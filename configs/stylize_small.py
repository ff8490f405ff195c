r"""Many styles in a network of a quarter of the width: for CPUs and telephones.

  python -m jaxgan.main --config=configs/stylize_small.py \
      --config.data.content=PHOTOS --config.data.styles=PAINTINGS

107,568 shared weights, and 806 of each style.
"""
import ml_collections

from configs import stylize


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny`."""
  config = stylize.get_config(variant)
  if variant == "full":
    config.num_steps = 3_000
    config.data.update(size=128, batch_size=4)
    config.network.width = 8
    config.every.update(image=250, checkpoint=250)
  return config
