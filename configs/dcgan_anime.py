r"""DCGAN on 96x96 anime faces: a modern preset on the published networks.

  python -m jaxgan.main --config=configs/dcgan_anime.py [--config.data.path=FOLDER]

Without a path it draws its own faces. What is newer than the published recipe:
exponential average of the generator with its batch statistics, DiffAugment, mirrored
images, one-sided label smoothing, weights from N(0, 0.02), both learning rates 2e-4.
"""

import ml_collections


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny` for tests: a minute on a laptop's CPU."""
  config = ml_collections.ConfigDict()
  config.experiment = "dcgan"
  config.seed = 0
  config.num_steps = 30_000
  config.dtype = "float32"  # Or bfloat16; weights, statistics, losses stay float32.
  config.data = dict(
    path="",  # Folder, tfds:NAME, .npy or idx file; "" draws faces.
    size=96,  # Or (height, width).
    channels=3,
    split="train",
    labels="",  # CSV file of file,attribute,... rows.
    only="",
    num_drawn=20_000,
    batch_size=64,
    flip=True,
    holdout=2_000,
  )  # Images that evaluation compares with, never trained on.
  config.conditional = False  # On all attributes of the labels.
  config.network = "dcgan"  # Or mlp.
  config.generator = dict(
    latents=100,
    distribution="normal",
    width=64,
    layers=(),
    slope=0.0,
    dropout=0.0,
    use_bias=False,
    initializer="dcgan",
    momentum=0.9,
    epsilon=1e-5,
  )
  config.discriminator = dict(
    layers=(),
    slope=0.2,
    dropout=0.0,
    use_bias=False,
    norm="batch",
    initializer="dcgan",
    momentum=0.9,
    epsilon=1e-5,
  )
  config.loss = dict(
    name="non_saturating",
    smoothing=0.1,
    label_flip=0.0,
    instance_noise=0.0,
    noise_steps=0,
    augment="color,translation",
    r1=0.0,
    gradient_penalty=0.0,
  )
  config.moves = "alternate"  # Or simultaneous: one forward pass for both.
  config.optimizer = dict(
    generator=dict(learning_rate=2e-4, b1=0.5, b2=0.999, repeats=1),
    discriminator=dict(learning_rate=2e-4, b1=0.5, b2=0.999, repeats=1),
    rule=False,
  )  # The published rule that lowers the discriminator's rate.
  config.ema = 0.999
  config.every = dict(log=20, image=250, checkpoint=500, evaluate=1_000)
  config.evaluate = dict(num=2_000)
  config.best = "kid_vgg16"
  config.keep = 3
  config.profile = dict(steps=0, after=10)
  if variant == "tiny":
    config.num_steps = 4
    config.data.update(num_drawn=64, batch_size=8, holdout=16)
    config.generator.width = 8
    config.every = dict(log=2, image=4, checkpoint=2, evaluate=4)
    config.evaluate.num = 16
  elif variant != "full":
    raise ValueError(f"variant {variant!r} is not known: full or tiny.")
  return config
