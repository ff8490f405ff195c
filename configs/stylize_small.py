r"""Many styles in a network of a quarter of the width: for CPUs and phones.

  python -m jaxgan.main --config=configs/stylize_small.py \
      --config.data.content=PHOTOS --config.data.styles=PAINTINGS

107,568 shared weights, and 806 of each style. Its initial weights suit a training of
some thousand steps, instead of 40,000 of 16 photographs, at twice the learning rate.
Style weighs less, for otherwise a small network paints it and loses the photograph.
"""

import ml_collections

from jaxgan.configs import stylize


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny`."""
  config = stylize.get_config(variant)
  if variant == "full":
    config.num_steps = 6_000
    config.data.update(size=128, batch_size=2)
    config.stylizer.update(width=8, initializer="quick")
    config.optimizer.learning_rate = 2e-3
    config.loss.style = dict.fromkeys(stylize.LAYERS, 1.0)
    config.every.update(image=500, checkpoint=250, evaluate=1_000)
  return config
