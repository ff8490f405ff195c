"""A WGAN on digits that it draws itself; docs/add_a_family.md builds it.

  python -m jaxgan.main --config=configs/wgan_digits.py

To be started in the folder that holds the package `mygans`.
"""

import ml_collections


def get_config(variant: str = "full") -> ml_collections.ConfigDict:
  """`full`, or `tiny` for a first try."""
  config = ml_collections.ConfigDict()
  config.experiment = "mygans.wgan"  # The module, by its full name.
  config.seed = 0
  config.num_steps = 2_000
  config.data = dict(num_drawn=4_000, batch_size=64)
  config.latents, config.width = 16, 128
  config.penalty = 10.0
  config.updates_per_step = dict(critic=3, generator=1)
  config.optimizer = dict(learning_rate=1e-3, b1=0.5, b2=0.9)  # Of both players.
  config.ema = 0.99
  config.every = dict(log=200, image=500, checkpoint=500, evaluate=0)
  config.keep = 1
  config.profile = dict(steps=0, after=10)
  if variant == "tiny":
    config.num_steps = 4
    config.every.update(log=2, checkpoint=2)
  elif variant != "full":
    raise ValueError(f"variant {variant!r} is not known: full or tiny.")
  return config
