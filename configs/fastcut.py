r"""FastCUT: CUT without its identity term, and with more weight on the content.

  python -m jaxgan.main --config=configs/fastcut.py:preview --config.data.a=PHOTOS \
      --config.data.b=PAINTINGS
"""

import ml_collections

from jaxgan.configs import cut


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full` (published), `small`, `preview` or `tiny`, as of CycleGAN."""
  config = cut.get_config(variant)
  if variant == "full":
    config.num_steps //= 2
    config.optimizer.decay_start = 0.75
  config.loss.update(nce=10.0, identity=False, mirror=True)
  return config
