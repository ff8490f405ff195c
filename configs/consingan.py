r"""ConSinGAN: a generator from one image, whose stages train together.

  python -m jaxgan.main --config=configs/consingan.py --config.image=PHOTO.jpg
  python -m jaxgan.generate --workdir=runs/consingan --task=sample --output=samples.png

`:preview` is smaller and shorter: useful images in minutes on two CPU cores.
Without an image it takes van Gogh's Starry Night, which comes along.
"""

import ml_collections


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full` as published, `preview`, or `tiny` for tests."""
  config = ml_collections.ConfigDict()
  config.experiment = "single_image"
  config.network = "consingan"
  config.seed = 0
  config.num_seeds = 1  # As many generators of each image, trained together.
  config.image = ""  # File, folder (one generator for each), shipped:NAME.
  config.mode = "generation"  # retarget, animation, harmonization, editing.
  config.init = dict(workdir="", input="")  # Fine-tunes a finished run on an image.
  config.augmentation = "fixed"  # Of harmonization; or reference.
  config.num_stages = 6
  config.min_size, config.max_size = 25, 250  # Shorter and longer side, in pixels.
  config.spacing = "log"  # Of the stages' sizes; or geometric.
  config.exact_sizes = True  # False rounds up as the published program does...
  config.resize = dict(border="reflect", truncate=False)  # ...reference and True, too.
  config.num_steps = 2_000  # Of each stage.
  config.train_depth = 3  # Stages that train together.
  config.lr_scale = 0.1  # Each earlier one at this share of the rate.
  config.optimizer = dict(
    learning_rate=5e-4,
    b1=0.5,
    b2=0.999,
    clip=1.0,  # Of an array's step by Adam, root mean square, in rates; 0: none.
  )
  config.decay_at = 0.8  # Of a stage: from there on a tenth of the rate.
  config.updates_per_step = dict(generator=3, discriminator=3)
  config.features = 64
  config.activation, config.slope = "leaky_relu", 0.05  # prelu, elu, selu.
  config.batch_norm = False
  config.noise = 0.1  # Amplitude, as a share of the reconstruction's error.
  config.reconstruction, config.gradient_penalty = 10.0, 0.1  # Weights of losses.
  config.every = dict(log=100, image=500, checkpoint=500, evaluate=250)
  config.keep = 2
  config.best = "rmse_reconstruction"  # Evaluated in the last stage.
  config.profile = dict(steps=0, after=10)
  if variant == "preview":
    config.num_stages, config.max_size, config.num_steps = 5, 96, 400
    config.optimizer.learning_rate = 1e-3  # So few steps leave blurs at 5e-4.
    config.every.update(log=50, image=400, checkpoint=400, evaluate=100)
  elif variant == "tiny":
    config.num_stages, config.min_size, config.max_size = 2, 12, 20
    config.num_steps, config.features = 4, 8
    # Updates take long to compile.
    config.updates_per_step = dict(generator=1, discriminator=1)
    config.every = dict(log=2, image=4, checkpoint=2, evaluate=2)
  elif variant != "full":
    raise ValueError(f"variant {variant!r} is not known: full, preview or tiny.")
  return config
