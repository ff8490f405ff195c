r"""ConSinGAN that gives objects pasted into a painting the painting's texture.

  python -m jaxgan.main --config=configs/consingan_harmonization.py \
      --config.image=PAINTING.jpg
  python -m jaxgan.generate --workdir=runs/consingan_harmonization --task=harmonize \
      --input=PASTED.jpg --mask=MASK.jpg --output=harmonized.png

It learns to restore the image from odd colors and patches. Fine-tuning on the image
with the object itself takes minutes more and is better:

  python -m jaxgan.main --config=configs/consingan_harmonization.py \
      --config.init.workdir=runs/consingan_harmonization \
      --config.init.input=PASTED.jpg --workdir=runs/finetuned
"""

import ml_collections

from jaxgan.configs import consingan


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, `preview` or `tiny`."""
  config = consingan.get_config(variant)
  config.mode, config.spacing = "harmonization", "geometric"
  config.batch_norm, config.slope = True, 0.3
  config.num_stages = 3
  if variant == "full":
    config.min_size, config.num_steps = 120, 1_000
  elif variant == "preview":
    config.min_size, config.max_size, config.num_steps = 60, 128, 300
    config.every.update(log=50, image=300, checkpoint=300)
  return config
