"""The smallest configs of CycleGAN and CUT."""

import importlib

import pytest


def _make_config(name="cyclegan", **changes):
  """Two blocks, four channels, windows of 32."""
  config = importlib.import_module(f"configs.{name}").get_config("tiny")
  config.data.update(num_drawn=4, batch_size=2, flip=False)
  config.generator.width = config.discriminator.width = 4
  config.evaluate.num = 6
  config.update_from_flattened_dict(changes)
  return config


@pytest.fixture(scope="session")
def make_config():
  """Makes a config of that name, with changes by name."""
  return _make_config
