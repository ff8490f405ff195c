"""The smallest config of the Siamese GAN."""

import importlib

import pytest


def _make_config(**changes):
  """Tiles of 16, windows of 32, four channels."""
  config = importlib.import_module("configs.siamese").get_config("tiny")
  config.data.update(num_drawn=4, batch_size=4, flip=False)
  config.generator.width = config.discriminator.width = 4
  config.discriminator.vector = 8
  config.evaluate.update(num=6, size=32)
  config.update_from_flattened_dict(changes)
  return config


@pytest.fixture(scope="session")
def make_config():
  """Makes a config, with changes by name."""
  return _make_config
