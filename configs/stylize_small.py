r"""Many styles in a network of a quarter of the width: for CPUs and telephones.

  python -m jaxgan.main --config=configs/stylize_small.py \
      --config.data.content=PHOTOS --config.data.styles=PAINTINGS

107,568 shared weights, and 806 of each style. Kernels begin by fan-in and move twice
as fast as published, for trainings of some thousand steps instead of 40,000: with four
paintings and 1,400 photographs the loss fell from 76 (step 40) to 26 (step 470), and
colours and strokes of the paintings are there. Begun as published, at half the rate
and with twice the weight of style, it was 42 (of 158) at step 480, with a bright blot
on every picture.
"""
import ml_collections

from configs import stylize


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny`."""
  config = stylize.get_config(variant)
  if variant == "full":
    config.num_steps = 3_000
    config.data.update(size=128, batch_size=4)
    config.network.update(width=8, initializer="he")
    config.optimizer.learning_rate = 2e-3
    config.loss.style = dict.fromkeys(stylize.LAYERS, 2.0)
    config.every.update(image=250, checkpoint=250, evaluate=500)
  return config
