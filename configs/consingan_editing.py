r"""ConSinGAN that makes a rough edit of its training image look natural.

  python -m jaxgan.main --config=configs/consingan_editing.py --config.image=PHOTO.jpg
  python -m jaxgan.generate --workdir=runs/consingan_editing --task=edit \
      --input=EDITED.png --mask=MASK.png --output=natural.png

It learns to restore the image from copies with displaced parts. It can be fine-tuned on
the edit, as `consingan_harmonization` says.
"""

import ml_collections

from jaxgan.configs import consingan


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, `preview` or `tiny`."""
  config = consingan.get_config(variant)
  config.mode, config.batch_norm = "editing", True
  if variant == "full":
    config.num_steps = 1_000
  return config
