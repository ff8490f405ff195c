"""Generators with random weights, as if restored from a run."""

import functools
import importlib

import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image
import pytest

from jaxgan.experiments.single_image import inference
from jaxgan.experiments.single_image.networks import create_consingan, create_singan
from tests.random_weights import variables_of

AMPLITUDES = np.array([1, 0.4, 0.6], np.float32)


def _config(name, mode, **fields):
  config = importlib.import_module(f"configs.{name}").get_config("tiny")
  config.update(mode=mode, features=5, **fields)
  return config


def _images(random, sizes):
  draw = lambda size: random.uniform(-1, 1, (1, *size, 3)).astype(np.float32)
  return [draw(size) for size in sizes]


def _consingan(mode, **fields):
  """Three stages up to 40x52."""
  sizes = ((11, 14), (20, 26), (40, 52))
  net, _ = create_consingan(_config("consingan", mode, **fields), 3, 3)
  random = np.random.default_rng(0)
  reals = _images(random, sizes)
  shapes = [(1, *net.noise_shape(i, size)) for i, size in enumerate(sizes)]
  later = [random.normal(size=shape).astype(np.float32) for shape in shapes[1:]]
  fixed = [reals[0], *later]
  variables = jax.eval_shape(
    lambda key: net.init(key, fixed, sizes, jnp.ones(3)), jax.random.key(0)
  )["params"]
  variables = jax.tree.map(
    lambda x: random.normal(scale=0.15, size=x.shape).astype(np.float32), variables
  )
  return inference.ConSinGAN(mode, AMPLITUDES, fixed, reals, variables, net)


def _singan(mode, **fields):
  """Three scales up to 40x52."""
  sizes = ((20, 26), (28, 36), (40, 52))
  scales = create_singan(_config("singan", mode, **fields), 3)
  random = np.random.default_rng(0)
  reals = _images(random, sizes)
  fixed = [
    (i == 0) * random.normal(size=(1, *scales.noise_shape(size))).astype(np.float32)
    for i, size in enumerate(sizes)
  ]
  image = jnp.zeros((1, 12, 12, 3))
  variables = {
    f"scale_{i}": variables_of(
      scales.generator(i), image, image, scale=0.2, random=random
    )
    for i in range(3)
  }
  return inference.SinGAN(mode, AMPLITUDES, fixed, reals, variables, scales)


@pytest.fixture(scope="session")
def make():
  """`make(mode)`; one generator of a kind serves all tests, which compile it once."""
  return functools.cache(_consingan)


@pytest.fixture(scope="session")
def make_singan():
  return functools.cache(_singan)


@pytest.fixture
def use(make, make_singan, monkeypatch):
  """`use(mode)` makes every task restore a generator of that mode, or a SinGAN."""
  package = "jaxgan.experiments.single_image.tasks"
  # By name, since the package's attributes of these names are the functions.
  tasks = [
    importlib.import_module(f"{package}.{name}")
    for name in (
      "animate",
      "compose",
      "paint",
      "reconstruct",
      "retarget",
      "sample",
      "superres",
    )
  ]

  def choose(mode, singan=False, **fields):
    source = (make_singan if singan else make)(mode, **fields)
    for module in tasks:
      monkeypatch.setattr(module, "restored", lambda run: source)
    return source

  return choose


@pytest.fixture
def draw(tmp_path):
  """`draw(name)` writes a random image and gives its path."""

  def write(name="input.png", h=40, w=52, seed=3):
    pixels = np.random.default_rng(seed).integers(0, 256, (h, w, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / name)
    return str(tmp_path / name)

  return write


@pytest.fixture
def read():
  """`read(path)` gives an image's pixels, uint8 [h, w, 3]."""

  def load(path):
    with Image.open(path) as image:
      return np.asarray(image.convert("RGB"))

  return load
