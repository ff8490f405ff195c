"""A generator with random weights, as if restored from a run."""
import importlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.experiments.single_image import restored


class Made(restored.ConSinGAN):
  """What `restored` gives, without a run: three stages up to 40x52."""

  def __init__(self, mode, **fields):
    config = importlib.import_module("configs.consingan").get_config("tiny")
    config.update(mode=mode, features=5, **fields)
    self.config = config
    self.sizes = ((11, 14), (20, 26), (40, 52))
    rng = np.random.default_rng(0)
    self.amplitudes = np.array([1, 0.4, 0.6], np.float32)
    self.reals = [rng.uniform(-1, 1, (1, *size, 3)).astype(np.float32)
                  for size in self.sizes]
    self.fixed = [self.reals[0], *(
        rng.normal(size=(1, *self.noise_shape(i, self.sizes[i]))).astype(np.float32)
        for i in (1, 2))]
    shapes = jax.eval_shape(lambda key: self.net.init(
        key, self.fixed, self.sizes, jnp.ones(3)), jax.random.key(0))["params"]
    self._variables = jax.tree.map(
        lambda x: rng.normal(scale=0.15, size=x.shape).astype(np.float32), shapes)


@pytest.fixture
def make():
  return Made
