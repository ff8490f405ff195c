"""Losses and gradients of the published step against the same step in PyTorch."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from configs import dcgan_anime_exp4
from jaxgan.engine import core
from jaxgan.experiments.dcgan.networks import create_networks
from jaxgan.experiments.dcgan.objective import create_objective

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install '.[torch]'")
nn = torch.nn

BATCH, WIDTH = 4, 4
CONV_TRANSPOSES = tuple(f"ConvTranspose_{i}" for i in range(4))
CONVS = tuple(f"Conv_{i}" for i in range(4))


def pytorch_generator():
  def up(i, o, k, s, p):
    return [nn.ConvTranspose2d(i, o, k, s, p, bias=False), nn.BatchNorm2d(o), nn.ReLU()]

  return nn.Sequential(
    *up(100, 8 * WIDTH, 4, 1, 0),
    *up(8 * WIDTH, 4 * WIDTH, 4, 2, 1),
    *up(4 * WIDTH, 2 * WIDTH, 4, 2, 1),
    *up(2 * WIDTH, WIDTH, 4, 2, 1),
    nn.ConvTranspose2d(WIDTH, 3, 5, 3, 1, bias=False),
    nn.Tanh(),
  ).double()


def pytorch_discriminator():
  def down(i, o):
    return [nn.Conv2d(i, o, 4, 2, 1, bias=False), nn.BatchNorm2d(o), nn.LeakyReLU(0.2)]

  return nn.Sequential(
    nn.Conv2d(3, WIDTH, 5, 3, 1, bias=False),
    nn.LeakyReLU(0.2),
    *down(WIDTH, 2 * WIDTH),
    *down(2 * WIDTH, 4 * WIDTH),
    *down(4 * WIDTH, 8 * WIDTH),
    nn.Conv2d(8 * WIDTH, 1, 4, 1, 0, bias=False),
    nn.Flatten(0),
  ).double()


def in_pytorch_order(params):
  """Kernels (or their gradients) of either network as PyTorch lays them out."""
  dense = np.asarray(params["Dense_0"]["kernel"])
  if "ConvTranspose_0" in params:
    first = dense.reshape(100, 4, 4, 8 * WIDTH).transpose(0, 3, 1, 2)
    rest = (np.asarray(params[name]["kernel"])[::-1, ::-1] for name in CONV_TRANSPOSES)
    return [first, *(kernel.transpose(2, 3, 0, 1) for kernel in rest)]
  last = dense.reshape(4, 4, 8 * WIDTH, 1).transpose(3, 2, 0, 1)
  return [
    *(np.asarray(params[name]["kernel"]).transpose(3, 2, 0, 1) for name in CONVS),
    last,
  ]


def kernels(network):
  return [
    layer.weight
    for layer in network
    if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d))
  ]


def load(network, params):
  for weight, value in zip(kernels(network), in_pytorch_order(params), strict=True):
    weight.data = torch.from_numpy(value.astype(np.float64, order="C"))
  return network


def pytorch_step(params, latents, images):
  """Losses and gradients of the discriminator and of the generator."""
  generator = load(pytorch_generator(), params["generator"])
  discriminator = load(pytorch_discriminator(), params["discriminator"])
  real = torch.from_numpy(images.transpose(0, 3, 1, 2) / 127.5 - 1)
  fake = generator(torch.from_numpy(latents.astype(np.float64))[:, :, None, None])
  loss = nn.BCEWithLogitsLoss()
  one, zero = torch.ones(BATCH).double(), torch.zeros(BATCH).double()
  losses = {
    "discriminator": loss(discriminator(real), one)
    + loss(discriminator(fake.detach()), zero),
    "generator": loss(discriminator(fake), one),
  }
  networks = {"discriminator": discriminator, "generator": generator}
  return {
    name: (loss.item(), torch.autograd.grad(loss, kernels(networks[name])))
    for name, loss in losses.items()
  }


def test_losses_and_gradients_equal_pytorch():
  config = dcgan_anime_exp4.get_config()
  config.generator.width = WIDTH
  nets = create_networks(config, {})
  objective = create_objective(config, nets, {})
  key = jax.random.key(0)
  images = np.random.default_rng(0).integers(0, 256, (BATCH, 96, 96, 3), np.uint8)
  variables = jax.jit(
    lambda: {
      "generator": nets.generator.init(key, jnp.zeros((1, 100)), {}, train=False),
      "discriminator": nets.discriminator.init(
        key, jnp.zeros((1, 96, 96, 3)), {}, train=False
      ),
    }
  )()
  params = {name: tree.pop("params") for name, tree in variables.items()}
  state = core.State(jnp.zeros((), jnp.int32), key, params, {}, variables)
  latents = np.asarray(nets.draw(jax.random.split(key, 6)[1], BATCH))
  wanted = pytorch_step(params, latents, images)
  for name in ("discriminator", "generator"):

    def loss(own, name=name):
      return getattr(objective, name)(
        params | {name: own}, state, {"image": images}, key
      )

    (value, _), grads = jax.jit(jax.value_and_grad(loss, has_aux=True))(params[name])
    np.testing.assert_allclose(value, wanted[name][0], rtol=1e-5)
    for got, want in zip(in_pytorch_order(grads), wanted[name][1], strict=True):
      error = np.linalg.norm(got - want.numpy()) / np.linalg.norm(want.numpy())
      assert error < 2e-3, (name, got.shape, error)
