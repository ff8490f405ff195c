"""Generators with random weights, as if restored from a run."""

import functools
import importlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.experiments.single_image import inference, sequential


class Made(inference.ConSinGAN):
  """What `restored` gives, without a run: three stages up to 40x52."""

  def __init__(self, mode, **fields):
    config = importlib.import_module("configs.consingan").get_config("tiny")
    config.update(mode=mode, features=5, **fields)
    self.config = config
    self.sizes = ((11, 14), (20, 26), (40, 52))
    rng = np.random.default_rng(0)
    self.amplitudes = np.array([1, 0.4, 0.6], np.float32)
    self.reals = [
      rng.uniform(-1, 1, (1, *size, 3)).astype(np.float32) for size in self.sizes
    ]
    self.fixed = [
      self.reals[0],
      *(
        rng.normal(size=(1, *self.noise_shape(i, self.sizes[i]))).astype(np.float32)
        for i in (1, 2)
      ),
    ]
    shapes = jax.eval_shape(
      lambda key: self.net.init(key, self.fixed, self.sizes, jnp.ones(3)),
      jax.random.key(0),
    )["params"]
    self._variables = jax.tree.map(
      lambda x: rng.normal(scale=0.15, size=x.shape).astype(np.float32), shapes
    )


class MadeSinGAN(inference.SinGAN):
  """Three scales up to 40x52."""

  def __init__(self, mode, **fields):
    config = importlib.import_module("configs.singan").get_config("tiny")
    config.update(mode=mode, features=5, **fields)
    self.config = config
    self.sizes = ((20, 26), (28, 36), (40, 52))
    rng = np.random.default_rng(0)
    self.amplitudes = np.array([1, 0.4, 0.6], np.float32)
    self.reals = [
      rng.uniform(-1, 1, (1, *size, 3)).astype(np.float32) for size in self.sizes
    ]
    shapes = [self.noise_shape(i, size) for i, size in enumerate(self.sizes)]
    self.fixed = [
      (i == 0) * rng.normal(size=(1, *shape)).astype(np.float32)
      for i, shape in enumerate(shapes)
    ]
    self._variables = {f"scale_{i}": self._draw(rng, i) for i in range(3)}

  def _draw(self, rng, scale):
    image = jnp.zeros((1, 12, 12, 3))
    net = sequential.generator(self.config, 3, scale)
    shapes = jax.eval_shape(
      lambda key: net.init(key, image, image, train=False), jax.random.key(0)
    )

    def draw(path, x):
      values = rng.normal(size=x.shape).astype(np.float32)
      return (
        1 + 0.2 * np.abs(values) if path[-1].key in ("var", "scale") else 0.2 * values
      )

    return jax.tree_util.tree_map_with_path(draw, shapes)


@pytest.fixture(scope="session")
def make():
  """`make(mode)`; one generator of a kind serves all tests, which compile it once."""
  return functools.cache(Made)


@pytest.fixture(scope="session")
def make_singan():
  return functools.cache(MadeSinGAN)
