"""SinGAN's networks of one scale against the published counts and PyTorch."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.nets import singan
from tests.random_weights import variables_of

SIZE = (13, 17)


def _torch_convolutions(torch, variables, features, width):
  """The published stack with these weights; returns (module, its batch norms)."""
  params = variables["params"]["convolutions"]
  stats = variables["batch_stats"]["convolutions"]
  modules, norms = [], []

  def conv(name, inputs, outputs):
    layer = torch.nn.Conv2d(inputs, outputs, 3)
    layer.weight.data = torch.tensor(
      np.transpose(params[name]["kernel"], (3, 2, 0, 1)).copy()
    )
    layer.bias.data = torch.tensor(params[name]["bias"])
    return layer

  for name, inputs in zip(
    ("head", "body_0", "body_1", "body_2"), (3, width, width, width), strict=True
  ):
    norm = torch.nn.BatchNorm2d(width)
    norm.weight.data = torch.tensor(params[f"{name}_norm"]["scale"])
    norm.bias.data = torch.tensor(params[f"{name}_norm"]["bias"])
    norm.running_mean.data = torch.tensor(stats[f"{name}_norm"]["mean"])
    norm.running_var.data = torch.tensor(stats[f"{name}_norm"]["var"])
    modules += [conv(name, inputs, width), norm, torch.nn.LeakyReLU(0.2)]
    norms.append(norm)
  return torch.nn.Sequential(*modules, conv("tail", width, features)), norms


def _nchw(torch, x):
  return torch.tensor(np.asarray(x).transpose(0, 3, 1, 2).copy())


def _images(seed, *shape):
  return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(
  ("width", "generator", "discriminator"),
  ((32, 29_763, 29_185), (64, 114_819, 113_665), (128, 450_819, 448_513)),
)
def test_published_numbers_of_parameters(width, generator, discriminator):
  images = jnp.zeros((1, *SIZE, 3))
  count = lambda module, *args: sum(
    x.size
    for x in jax.tree.leaves(
      jax.eval_shape(
        lambda key: module.init(key, *args, train=True), jax.random.key(0)
      )["params"]
    )
  )
  assert count(singan.Generator(width), images, images) == generator
  assert count(singan.Discriminator(width), images) == discriminator


def test_width_doubles_every_four_scales_up_to_128():
  assert [singan.width(n) for n in (0, 3, 4, 7, 8, 12)] == [32, 32, 64, 64, 128, 128]


@pytest.mark.parametrize("train", (True, False))
@pytest.mark.parametrize("border", (0, singan.BORDER))
def test_generator_is_pytorchs(train, border):
  torch = pytest.importorskip("torch", reason="compares with PyTorch")
  module = singan.Generator(8)
  noise = _images(1, 1, SIZE[0] + 2 * border, SIZE[1] + 2 * border, 3)
  previous = 0.5 * _images(2, 1, *SIZE, 3)
  variables = variables_of(module, noise, previous, scale=0.1)
  got, changed = module.apply(
    variables, noise, previous, train=train, mutable=["batch_stats"]
  )
  net, norms = _torch_convolutions(torch, variables, 3, 8)
  net.train(train)
  pad = torch.nn.ZeroPad2d(singan.BORDER)
  below, noise = _nchw(torch, previous), _nchw(torch, noise)
  x = (noise if border else pad(noise)) + pad(below)
  want = torch.tanh(net(x)) + below
  np.testing.assert_allclose(
    np.asarray(got).transpose(0, 3, 1, 2), want.detach().numpy(), atol=2e-5
  )
  for name, norm in zip(("head", "body_0", "body_1", "body_2"), norms, strict=True):
    stats = changed["batch_stats"]["convolutions"][f"{name}_norm"]
    np.testing.assert_allclose(stats["mean"], norm.running_mean, atol=1e-5)
    np.testing.assert_allclose(stats["var"], norm.running_var, rtol=1e-5)


@pytest.mark.parametrize("train", (True, False))
def test_discriminator_is_pytorchs_and_scores_images_one_by_one(train):
  torch = pytest.importorskip("torch", reason="compares with PyTorch")
  module = singan.Discriminator(8)
  images = _images(3, 2, *SIZE, 3)
  variables = variables_of(module, images, scale=0.1)
  got, _ = module.apply(variables, images, train=train, mutable=["batch_stats"])
  assert got.shape == (2, SIZE[0] - 10, SIZE[1] - 10, 1)
  net, _ = _torch_convolutions(torch, variables, 1, 8)
  net.train(train)
  for i in range(2):
    want = net(_nchw(torch, images[i : i + 1])).detach().numpy()
    np.testing.assert_allclose(
      np.asarray(got[i : i + 1]).transpose(0, 3, 1, 2), want, atol=2e-5
    )


def test_noise_of_another_size_is_refused():
  with pytest.raises(ValueError, match="does not fit"):
    singan.Generator().init(
      jax.random.key(0), jnp.zeros((1, 9, 9, 3)), jnp.zeros((1, 8, 8, 3)), train=False
    )


def test_initial_weights():
  images = jnp.zeros((1, 11, 11, 3))
  init = jax.jit(lambda key: singan.Generator(64).init(key, images, images, train=True))
  params = init(jax.random.key(1))["params"]["convolutions"]
  np.testing.assert_allclose(params["body_0"]["kernel"].std(), 0.02, rtol=0.02)
  np.testing.assert_allclose(params["head_norm"]["scale"].mean(), 1, atol=0.01)
  np.testing.assert_allclose(params["head_norm"]["scale"].std(), 0.02, rtol=0.3)
  bias = params["body_0"]["bias"]  # PyTorch's: uniform within 1 / sqrt(9 * 64).
  assert np.abs(bias).max() <= 1 / 24
  np.testing.assert_allclose(bias.std(), 1 / 24 / np.sqrt(3), rtol=0.2)
