r"""One image by optimizing its pixels: content of a photograph, style of paintings.

  python -m jaxgan.main --config=configs/gatys.py --config.data.content=PHOTO.jpg \
      --config.data.styles=PAINTINGS --config.style=wave:0.6,shipwreck:0.4

Gatys et al., 2016, with the layers and weights of `stylize`, so that losses can be
compared. With L-BFGS, which needs fewer steps of several evaluations each:

  ... --config.optimizer.name=lbfgs --config.num_steps=100
"""

import ml_collections

from jaxgan.configs import stylize


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny`."""
  base = stylize.get_config(variant)
  config = ml_collections.ConfigDict()
  config.experiment = "gatys"
  config.seed = 0
  config.num_steps = 500 if variant == "full" else 4
  config.data = dict(
    content="",  # A photograph; "" takes one that is shipped.
    styles="",  # A painting, or a folder of them; "" takes shipped textures.
    size=512 if variant == "full" else 32,  # Longer side at most.
    style_size=base.data.style_size,
  )
  config.style = ""  # Names of styles with weights; "" takes the first.
  config.start = "content"  # Or noise.
  config.vgg = base.vgg
  config.loss = dict(
    content=base.loss.content, style=base.loss.style, total_variation=0.0
  )
  config.optimizer = dict(
    name="adam",  # Or lbfgs.
    learning_rate=0.0,  # 0: Adam's is 0.02, L-BFGS searches at every step.
    memory=10,  # Steps that L-BFGS remembers.
  )
  config.every = base.every
  config.every.evaluate = 0
  config.keep = 1
  config.profile = base.profile
  return config
