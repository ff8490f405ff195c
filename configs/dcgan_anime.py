r"""DCGAN on 96x96 anime faces: a modern preset on the published networks.

  python -m jaxgan.main --config=configs/dcgan_anime.py[:preview] \
      [--config.data.path=FOLDER]

Without a path the program draws the faces itself. `:preview` has 8,000 steps of the
40,000: an hour of a CPU core. What differs from the published recipe: an exponential
average of the generator with its batch statistics, DiffAugment, mirrored images,
one-sided label smoothing, initial weights from N(0, 0.02), and learning rates that
fall from 4e-4 to 0.
"""

import ml_collections


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, `preview`, or `tiny` for tests: a minute on a laptop's CPU."""
  base = "full" if variant == "preview" else variant
  config = preset(base, known="full, preview or tiny")
  if variant == "tiny":
    return config
  if variant == "preview":
    config.num_steps = 8_000
    config.every.evaluate = 4_000
  # A GAN at a constant rate wanders; docs/results.md has what falling rates gain.
  config.optimizer.decay_end = config.get_oneway_ref("num_steps")
  config.optimizer.generator.learning_rate = 4e-4
  config.optimizer.discriminator.learning_rate = 4e-4
  return config


def preset(variant: str, known: str = "full or tiny") -> ml_collections.ConfigDict:
  """What the configs of the family begin with.

  Args:
    variant: "full" or "tiny".
    known: what to tell where it is another.
  """
  config = ml_collections.ConfigDict()
  config.experiment = "dcgan"
  config.seed = 0
  config.num_steps = 40_000
  # Logged at the start.
  config.expect = "faces in images/ from step 1,500 or so on, at first with a grid"
  config.dtype = "float32"  # Or bfloat16; weights, statistics, losses stay float32.
  config.data = dict(
    path="",  # Folder, tfds:NAME, .npy or idx file; "" draws faces.
    size=96,  # Pixels, or (height, width).
    channels=3,  # Or 1, gray.
    split="train",
    labels="",  # CSV file with rows of file,attribute,...
    only="",  # Train on one class, such as horse or hair=blue.
    num_drawn=20_000,
    batch_size=16,  # For each update of the discriminator...
    accumulate=1,  # ...in so many micro-batches, for want of memory.
    flip=True,  # Mirror images at random.
    holdout=2_000,  # Images to evaluate with, never trained on.
  )
  config.conditional = False  # True: on all attributes of the labels.
  config.init = dict(workdir="")  # A run from whose weights this one starts.
  config.network = "dcgan"  # "mlp" has other options: see mlp_mnist.py.
  config.generator = dict(
    latents=100,
    distribution="normal",  # Or uniform.
    width=64,  # Channels of the layer at the image; the discriminator has the same.
    stride=3,  # Of the layer at the image, where its size allows; or 2.
    layers=(),  # ((height, width), channels, kernel, stride, padding), ...; () derives.
    slope=0.0,  # Of leaky ReLU.
    dropout=0.0,
    use_bias=False,
    initializer="smooth",  # Or dcgan, torch, glorot, he.
    momentum=0.9,
    epsilon=1e-5,
  )
  config.discriminator = dict(
    layers=(),
    slope=0.2,
    dropout=0.0,
    use_bias=False,
    norm="batch",  # Or spectral or none.
    initializer="dcgan",
    momentum=0.9,
    epsilon=1e-5,
  )
  config.loss = dict(
    # Or hinge, least_squares, wasserstein, relativistic_hinge, relativistic_pairing.
    name="non_saturating",
    smoothing=0.1,  # The target of real images is 1 minus this.
    label_flip=0.0,  # Probability of exchanged targets.
    instance_noise=0.0,  # Standard deviation; falls to 0 in noise_steps, unless 0.
    noise_steps=0,
    augment="translation",  # DiffAugment; also color, cutout; "" for none.
    r1=0.0,  # Weights of the discriminator's squared slope at real images...
    r2=0.0,  # ...and at generated ones...
    penalized=1.0,  # ...measured at this share of a batch.
    gradient_penalty=0.0,
  )
  config.updates_per_step = dict(generator=1, discriminator=1)
  config.optimizer = dict(  # Adam.
    generator=dict(learning_rate=2e-4, b1=0.5, b2=0.999),
    discriminator=dict(learning_rate=2e-4, b1=0.5, b2=0.999),
    decay_begin=0,  # Both rates fall in a line from this step on, to 0...
    decay_end=0,  # ...at this one; 0 for constant rates.
    rule=False,  # True: halve the rate of a discriminator that is too strong.
  )
  config.ema = 0.999  # Decay of the average of the generator; 0 for no average.
  config.every = dict(log=50, image=500, checkpoint=1_000, evaluate=5_000)
  config.evaluate = dict(num=2_000)  # Images, generated and real.
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
    raise ValueError(f"variant {variant!r} is not known: {known}.")
  return config
