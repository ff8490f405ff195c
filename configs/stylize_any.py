r"""Any painting as a style: a network, and what predicts its rows from a painting.

  python -m jaxgan.main --config=configs/stylize_any.py \
      --config.data.content=PHOTOS --config.data.styles=PAINTINGS
  python -m jaxgan.generate --workdir=runs/stylize_any --task=stylize \
      --input=PHOTO.jpg --style=PAINTING.jpg --output=picture.png

After Ghiasi et al., 2017 (arXiv:1705.06830), on the network of `stylize_small`. How
well it paints like what it never saw depends on how many paintings it did see: they
trained on 80,000. With some dozen it takes over colors and contrast, hardly strokes;
then its rows are a start for `config.init.workdir`, which trains those of one painting.
"""

import ml_collections

from jaxgan.configs import stylize_small


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny`."""
  config = stylize_small.get_config(variant)
  config.predictor.bottleneck = 100
  config.data.drawn_styles = 96
  if variant == "full":
    config.num_steps = 40_000
    config.data.update(style_size=128, batch_size=4)
    config.optimizer.half_life = 10_000
    config.evaluate.num = 4
  else:
    config.predictor.bottleneck = 8
    config.data.drawn_styles = 4
  return config
