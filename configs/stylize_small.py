r"""Many styles in a network of half the width: trained and used on CPUs.

  python -m jaxgan.main --config=configs/stylize_small.py \
      --config.data.content=PHOTOS --config.data.styles=PAINTINGS

422,496 shared weights, and 1,606 of each style. Its initial weights suit a training of
some thousand steps, instead of 40,000 of 16 photographs, at twice the learning rate,
which halves every 3,000 steps. Style weighs less, for otherwise a small network paints
it and loses the photograph; and all styles weigh alike.
"""

import ml_collections

from jaxgan.configs import stylize


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny`."""
  config = stylize.get_config(variant)
  if variant == "full":
    config.num_steps = 12_000
    config.data.update(size=128, batch_size=2)
    config.stylizer.update(width=16, initializer="quick")
    config.optimizer.update(learning_rate=2e-3, half_life=3_000)
    config.loss.style = dict.fromkeys(stylize.LAYERS, 1.0)
    config.loss.balance = True
    config.every.update(image=500, checkpoint=250, evaluate=2_000)
  return config
