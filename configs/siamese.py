r"""Siamese GAN: images of domain A into domain B, unpaired, of any size, tile by tile.

  python -m jaxgan.main --config=configs/siamese.py --config.data.a=PHOTOS \
      --config.data.b=PAINTINGS
  python -m jaxgan.generate --workdir=runs/siamese --task=translate --input=PHOTOS \
      --output=FOLDER

Without folders the program draws both domains. After "Style Transfer with GANs on HD
Images" (Pasini, 2019), which gives the method but no numbers: networks and learning
rates are those of TraVeLGAN, margin and weights those of the author's next project.
"""

import ml_collections


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny` for tests: a minute on a laptop's CPU."""
  config = ml_collections.ConfigDict()
  config.experiment = "siamese"
  config.seed = 0
  config.num_steps = 50_000
  config.dtype = "float32"  # Or bfloat16; weights, statistics, losses stay float32.
  config.data = dict(
    a="",
    b="",  # Folder, tfds:NAME, .npy or image; "" draws the domain.
    size=64,  # S: the side of a tile; training uses windows of 2S x 2S.
    train_scale=1.0,  # Below 1 if windows of full size show flat areas only.
    flat=0.03,  # Windows of less contrast (standard deviation of luma in [0, 1]) are
    retries=10,  # replaced by others, at most so often.
    num_drawn=96,
    batch_size=16,  # For each update of the discriminator; 2 or more.
    flip=True,  # Mirror windows at random.
    holdout=100,  # Images of A for evaluation only, a tenth of them at most.
  )
  config.combo = True  # False: the discriminator gets single tiles, as a baseline.
  config.generator = dict(
    width=64,  # Channels after the first halving, doubled with each up to max_width.
    max_width=256,
    base=8,  # Side at which halving ends: S is 2, 4, 8, ... times as large.
    blocks=0,  # Residual blocks there.
    momentum=0.9,
    upsample="transpose",  # Or resize, which leaves no checkerboard.
    padding="zero",  # Or reflect.
    norm="batch",  # Or spectral.
  )
  config.discriminator = dict(
    vector=128,  # Length of the vectors.
    width=64,
    max_width=512,
    norm="spectral",  # Or none.
  )
  config.loss = dict(
    margin=2.0,  # Least norm of translated images' vectors, for the discriminator.
    content=10.0,  # Weight of the angles between transformation vectors; 1 to 10.
    identity=0.0,  # Weight of |B - G(B)|; 0.5 keeps shapes.
    separation=0.0,  # Weight of TraVeLGAN's least distance of the sources' vectors...
    separation_margin=2.0,  # ...which is this.
    magnitude=0.0,  # Weight of TraVeLGAN's difference of transformation vectors.
  )
  config.updates_per_step = dict(generator=1, discriminator=1)
  config.optimizer = dict(  # Adam.
    generator=dict(learning_rate=2e-4, b1=0.5, b2=0.999),
    discriminator=dict(learning_rate=2e-4, b1=0.5, b2=0.999),
  )
  config.ema = 0.999  # Decay of the average of the generator; 0 for no average.
  config.every = dict(log=50, image=500, checkpoint=1_000, evaluate=0)
  config.evaluate = dict(num=200, size=0)  # Windows, and their side in pixels; 0 is 4S.
  config.best = ""
  config.keep = 3
  config.profile = dict(steps=0, after=10)
  if variant == "tiny":
    config.num_steps = 4
    config.data.update(size=16, num_drawn=8, batch_size=8)
    config.generator.width = config.discriminator.width = 8
    config.discriminator.vector = 16
    config.every = dict(log=4, image=4, checkpoint=2, evaluate=0)
    config.evaluate.num = 8
  elif variant != "full":
    raise ValueError(f"variant {variant!r} is not known: full or tiny.")
  return config
