r"""New images from one image's own patches; no network is trained.

  python -m jaxgan.main --config=configs/patches.py --config.image=PHOTO.jpg
  python -m jaxgan.generate --workdir=runs/patches --task=sample --output=samples.png

The optimal denoiser over the patches of an image, at scales from coarse to fine. What
main does is one pass over the patches, some seconds. Samples are sharp, and a collage
of pieces of the image: see docs/patches.md. One takes 12 seconds of CPU time at 250
pixels, and 3 at 128 (`:preview`).
"""

import ml_collections


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, `preview` for images of half the size, or `tiny` for tests."""
  config = ml_collections.ConfigDict()
  config.experiment = "patches"
  config.seed = 0
  config.image = ""  # File, or shipped:NAME.
  config.max_size = 250  # Longer side at most, in pixels.
  config.patch = 15  # Side in pixels, at every scale.
  # Of the denoiser that finds near patches, at scales of many.
  config.fast = dict(
    directions=64,  # Numbers by which patches are compared.
    above=3_000,  # Patches of a scale; up to so many, all are averaged.
    neighbors=5,  # Patches that are averaged.
    stride=2,  # Pixels from a patch that is denoised to the next.
    noise=0.45,  # The level to begin with.
  )
  # Of samples. These may differ in the groups below, which are tasks.
  config.min_size = 24  # Shorter side of the coarsest scale: smaller copies more.
  config.noise_levels = 10
  config.eta = 0.0  # 1 draws all noise anew at every level.
  config.window = 0.2  # How fast a patch's weight falls from its middle.
  config.anchor = 0.15  # How far patches stray from their height; 0: anywhere.
  config.candidates = 32  # Coarsest scales, the best of which is refined.
  config.symmetric = dict(eta=1.0)
  config.tile = dict(min_size=30, eta=1.0, anchor=0.0)
  config.num_steps = 1  # One pass.
  config.every = dict(log=1, image=0, checkpoint=1, evaluate=0)
  config.keep = 1
  config.profile = dict(steps=0, after=10)
  if variant == "preview":
    config.max_size = 128
  elif variant == "tiny":
    config.max_size, config.patch, config.min_size = 24, 5, 8
    config.fast.update(directions=8, above=100)
    config.tile.min_size = 10
    config.noise_levels, config.candidates = 4, 2
  elif variant != "full":
    raise ValueError(f"variant {variant!r} is not known: full, preview or tiny.")
  return config
