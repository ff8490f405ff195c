"""The smallest config of a DCGAN, and a state and an update made of it."""

import importlib

import jax
import numpy as np
import pytest

from jaxgan.experiments.dcgan import networks, objective, stage


def _make_config(**changes):
  """A GAN on 12x12 images that compiles in a moment."""
  config = importlib.import_module("configs.dcgan_anime").get_config("tiny")
  config.data.update(size=12, num_drawn=16, batch_size=4, holdout=8)
  config.generator.update(width=2, latents=5)
  config.loss.augment = ""
  config.evaluate.num = 6
  config.update_from_flattened_dict(changes)
  return config


@pytest.fixture(scope="session")
def make_config():
  """Makes a config, with changes by name."""
  return _make_config


@pytest.fixture(scope="session")
def make_batch():
  """Makes a batch of random images with labels, some of them unknown."""

  def make(n=4):
    random = np.random.default_rng(0)
    return {
      "image": random.integers(0, 256, (n, 12, 12, 3)).astype(np.uint8),
      "hair": random.integers(-1, 3, n).astype(np.int32),
    }

  return make


class Setup:
  """The parts of a stage: objective, players, the step's function and `init`."""

  def __init__(self, config):
    classes = {"hair": ("red", "blue", "green")} if config.conditional else {}
    frequencies = {name: [1 / 3] * 3 for name in classes}
    nets = networks.create_networks(config, classes)
    self.objective = objective.create_objective(config, nets, classes)
    self.players = stage.create_players(config, self.objective)
    self.update = stage.make_update(config, self.players, 10)
    self.init = lambda: stage.init_state(
      jax.random.key(0),
      nets,
      (12, 12, 3),
      self.players,
      frequencies,
      bool(config.optimizer.rule),
    )


@pytest.fixture(scope="session")
def set_up():
  """Makes a `Setup` of a config."""
  return Setup


@pytest.fixture(scope="session")
def plain(set_up):
  """The published recipe: its setup, the compiled step, and the first state."""
  setup = set_up(_make_config(**{"loss.smoothing": 0.0, "data.flip": False, "ema": 0}))
  return setup, jax.jit(setup.update), jax.jit(setup.init)()
