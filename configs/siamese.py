r"""Siamese GAN: pictures of domain A into B, unpaired, of any size, tile by tile.

  python -m jaxgan.main --config=configs/siamese.py --config.data.a=PHOTOS \
      --config.data.b=PAINTINGS
  python -m jaxgan.generate --workdir=runs/siamese --task=translate --input=PHOTOS \
      --output=FOLDER

Without folders it draws both domains. After "Style Transfer with GANs on HD Images"
(Pasini, 2019), which gives the method and no numbers: networks and rates are those of
TraVeLGAN, margin and weights those of the author's next project.
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
    b="",  # Folder, tfds:NAME, .npy or picture; "" draws one.
    size=64,  # S: the side of a tile; training sees windows of 2S x 2S.
    train_scale=1.0,  # Under 1 if windows of the full size show flat patches only.
    flat=0.03,
    retries=10,  # Windows of less contrast are drawn again, so often.
    num_drawn=96,
    batch_size=16,
    flip=True,
    holdout=100,
  )  # Pictures of A for evaluation alone, a tenth of them at most.
  config.combo = True  # False: the discriminator sees single tiles, the baseline.
  config.generator = dict(
    width=64,
    max_width=256,
    base=8,
    blocks=0,
    momentum=0.9,
    upsample="transpose",  # Or resize, which leaves no checkerboard.
    padding="zero",  # Or reflect.
    norm="batch",
  )  # Or spectral.
  config.discriminator = dict(
    vector=128, width=64, max_width=512, norm="spectral"
  )  # Or none.
  config.loss = dict(
    margin=2.0,  # Norm that the discriminator wants of what is not real.
    content=10.0,  # Weight of the angles between transformation vectors; 1 to 10.
    identity=0.0,  # Of |B - G(B)|; 0.5 where shapes must stay.
    apart=0.0,
    least=2.0,  # Of keeping sources' vectors so far apart: TraVeLGAN's,
    magnitude=0.0,
  )  # as is this, of the vectors' lengths.
  config.optimizer = dict(
    generator=dict(learning_rate=2e-4, b1=0.5, b2=0.999),
    discriminator=dict(learning_rate=2e-4, b1=0.5, b2=0.999),
  )
  config.n_critic = 1  # Moves of the discriminator, each on windows of its own.
  config.ema = 0.999
  config.every = dict(log=50, image=500, checkpoint=1_000, evaluate=0)
  config.evaluate = dict(num=200, size=0)  # Windows, and their side; 0 is 4S.
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
