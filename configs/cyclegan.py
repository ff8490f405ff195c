r"""CycleGAN: images of domain A into domain B and back, unpaired.

  python -m jaxgan.main --config=configs/cyclegan.py:preview --config.data.a=PHOTOS \
      --config.data.b=PAINTINGS
  python -m jaxgan.generate --workdir=runs/cyclegan --task=translate --input=PHOTOS \
      --output=FOLDER --direction=ab

Without folders the program draws both domains. After Zhu et al., 2017
(arXiv:1703.10593), with the settings of the authors' code.
"""

import ml_collections


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`: the published one, for a GPU. `small` and `preview`, for CPUs: narrower, on
  windows of 128 and of 64. `tiny` for tests.
  """
  config = ml_collections.ConfigDict()
  config.experiment = "translation"
  config.method = "cyclegan"
  config.seed = 0
  config.num_steps = 266_800  # 200 times the 1,334 zebras of the authors' example.
  config.dtype = "float32"  # Or bfloat16; weights, statistics, losses stay float32.
  config.data = dict(
    a="",
    b="",  # Folder, tfds:NAME, .npy or image; "" draws the domain.
    squeezed=286,  # Side of the square that every image is resized to; 0 leaves them.
    size=256,  # Side of the windows that training cuts; a multiple of 4.
    train_scale=1.0,  # Factor on images that are not squeezed.
    num_drawn=96,
    batch_size=1,
    flip=True,  # Mirror windows at random.
    holdout=100,  # Images of A for evaluation only, a tenth of them at most.
  )
  config.generator = dict(
    width=64,  # Channels of the first convolution.
    blocks=9,  # Residual blocks; the paper has 6 for images of 128.
    upsample="transpose",  # Or nearest or bilinear, which leave no checkerboard.
    downsample="stride",  # Or blur.
    initializer="normal",  # N(0, 0.02).
  )
  config.discriminator = dict(width=64, downsample="stride", initializer="normal")
  config.loss = dict(
    cycle=10.0,  # Weight of what does not return from B and A.
    identity=0.5,  # Times cycle: weight of what changes in images of the target domain.
  )
  config.pool = 50  # Translations of each direction, of which half of the shown are.
  config.optimizer = dict(  # Adam, of all four networks.
    learning_rate=2e-4,
    b1=0.5,
    b2=0.999,
    decay_start=0.5,  # Share of the steps after which the rate falls to 0.
  )
  config.ema = 0.0  # Decay of the average of the generators; 0 for no average.
  config.every = dict(log=100, image=1_000, checkpoint=5_000, evaluate=0)
  config.evaluate = dict(
    num=200,  # Windows.
    size=0,  # Their side in pixels; 0 is 4 tiles.
    tile=0,  # Pixels between the seams that are measured; 0 is data.size.
  )
  config.best = ""
  config.keep = 3
  config.profile = dict(steps=0, after=10)
  if variant != "full":
    config.data.squeezed = 0
    config.generator.update(width=32, blocks=6)
    config.discriminator.width = 32
    config.num_steps = 5_000
    config.ema = 0.999
    config.every.update(log=50, image=500, checkpoint=500)
  if variant in ("small", "preview"):
    config.data.size = {"small": 128, "preview": 64}[variant]
  elif variant == "tiny":
    config.num_steps = 4
    config.data.update(size=32, num_drawn=8, batch_size=2)
    config.generator.update(width=8, blocks=2)
    config.discriminator.width = 8
    config.pool = 4
    config.every.update(log=4, image=4, checkpoint=2)
    config.evaluate.update(num=8, size=64)
  elif variant != "full":
    raise ValueError(f"variant {variant!r} is not known: full, small, preview or tiny.")
  return config
