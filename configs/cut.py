r"""CUT: images of domain A into domain B by one generator, without a way back.

  python -m jaxgan.main --config=configs/cut.py:preview --config.data.a=PHOTOS \
      --config.data.b=PAINTINGS

After Park et al., 2020 (arXiv:2007.15651), with the settings of the authors' code.
"""

import ml_collections

from jaxgan.configs import cyclegan


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full` (published), `small`, `preview` or `tiny`, as of CycleGAN."""
  config = cyclegan.get_config(variant)
  config.method = "cut"
  config.num_steps *= 2 if variant == "full" else 1
  config.generator.update(upsample="bilinear", downsample="blur", initializer="small")
  config.discriminator.update(downsample="blur", initializer="small")
  config.heads = dict(features=256, initializer="small")  # Glorot's weights times 0.02.
  del config.pool
  config.loss = dict(
    gan=1.0,
    nce=1.0,  # Weight of telling patches apart; lower it if gan stays near 1.
    identity=True,  # Half of it on images of B, which should stay.
    patches=256,  # Of each of the five layers whose features are compared.
    mirror=False,  # FastCUT's: translate mirrored images in half of the steps.
  )
  if variant == "tiny":
    config.heads.features = config.loss.patches = 16
  return config
