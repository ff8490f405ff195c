"""Networks and a step against PyTorch doing all the published program's work."""

import functools
import importlib
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.experiments.single_image import concurrent, objective
from jaxgan.experiments.single_image.networks import create_consingan

SIZES = ((14, 17), (16, 19), (18, 23), (21, 26), (25, 31), (30, 36))


def _config(**changes):
  config = importlib.import_module("configs.consingan").get_config("tiny")
  config.update(
    features=4,
    num_stages=len(SIZES),
    num_steps=10,
    updates_per_step=dict(discriminator=3, generator=3),
    **changes,
  )
  return config


class Torch:
  """The published networks, with our weights as leaves."""

  def __init__(self, torch, generator, discriminator, config):
    self.torch, self.functional = torch, torch.nn.functional
    leaf = lambda x: torch.tensor(np.asarray(x), requires_grad=True)
    self.generator, self.discriminator = jax.tree.map(leaf, (generator, discriminator))
    self.padded = config.mode in ("generation", "animation")
    self.slope = config.slope

  def conv(self, params, x):
    return self.functional.conv2d(
      x, params["kernel"].permute(3, 2, 0, 1), params["bias"]
    )

  def block(self, params, x):
    x = self.conv(params["Conv_0"], x)
    if norm := params.get("InstanceNorm_0"):
      x = self.functional.batch_norm(x, None, None, norm["scale"], norm["bias"], True)
    return self.functional.leaky_relu(x, self.slope)

  def chain(self, params, x):
    for i in range(len(params)):
      x = self.block(params[f"ConvBlock_{i}"], x)
    return x

  def make(self, noises, sizes, amplitudes):
    """NCHW noises of one image to the image."""
    params, pad = self.generator, self.functional.pad
    up = lambda x, size: self.functional.interpolate(
      x, size, mode="bicubic", align_corners=True
    )
    x = self.block(params["head"], pad(noises[0], [1] * 4))
    if self.padded:
      x = pad(up(x, [side + 2 for side in x.shape[2:]]), [2] * 4)
    else:
      x = pad(x, [3] * 4)
    x = self.chain(params["body_0"], x)
    for i in range(1, len(sizes)):
      skip, noise = up(x, sizes[i]), float(amplitudes[i]) * noises[i]
      if self.padded:
        x = up(x, [side + 6 for side in sizes[i]]) + noise
      else:
        x = pad(skip + noise, [3] * 4)
      x = self.chain(params[f"body_{i}"], x) + skip
    return self.torch.tanh(self.conv(params["tail"], pad(x, [1] * 4)))

  def critic(self, x):
    x = self.chain(self.discriminator["Chain_0"], x)
    return self.conv(self.discriminator["Conv_0"], x)

  def image(self, x):
    return self.torch.tensor(np.asarray(x).transpose(0, 3, 1, 2).copy())


def _nhwc(x):
  return x.detach().numpy().transpose(0, 2, 3, 1)


@pytest.mark.parametrize(
  ("mode", "norm", "scale"),
  [("generation", False, 1), ("animation", True, 2), ("retarget", True, 1)],
)
def test_both_networks_are_pytorchs(mode, norm, scale):
  torch = pytest.importorskip("torch", reason="computes the reference")
  torch.manual_seed(0)
  config = _config(mode=mode, batch_norm=norm)
  sizes = tuple((h * scale, w * scale) for h, w in SIZES[:3])
  generator, discriminator = create_consingan(config, 3, 3)
  random = np.random.default_rng(0)
  noises = [
    random.normal(size=(1, *generator.noise_shape(i, size))).astype(np.float32)
    for i, size in enumerate(sizes)
  ]
  amplitudes = np.array([1, 0.4, 0.7], np.float32)
  draw = lambda x: jnp.asarray(random.normal(scale=0.2, size=x.shape), jnp.float32)
  shapes = jax.eval_shape(
    lambda: (
      generator.init(jax.random.key(0), noises, sizes, amplitudes)["params"],
      discriminator.init(jax.random.key(0), jnp.zeros((1, 14, 17, 3)))["params"],
    )
  )
  params = jax.tree.map(draw, shapes)
  reference = Torch(torch, *params, config)
  with torch.no_grad():
    want = reference.make([reference.image(x) for x in noises], sizes, amplitudes)
    scores = reference.critic(want)

  @jax.jit
  def run(params, noises):
    image = generator.apply({"params": params[0]}, noises, sizes, amplitudes)
    return image, discriminator.apply({"params": params[1]}, image)

  image, got = run(params, noises)
  np.testing.assert_allclose(image, _nhwc(want), atol=1e-4)
  np.testing.assert_allclose(got, _nhwc(scores), atol=1e-3)


def test_learning_rates_and_what_is_frozen():
  share = {
    0: {"body_0": 1, "head": 1},
    1: {"body_0": 0.1, "body_1": 1, "head": 0.1},
    2: {"body_0": 0.01, "body_1": 0.1, "body_2": 1, "head": 0.01},
    3: {"body_1": 0.01, "body_2": 0.1, "body_3": 1},
    5: {"body_3": 0.01, "body_4": 0.1, "body_5": 1},
  }
  for index, want in share.items():
    got = concurrent.rate_shares(index, _trainer(index).first, lr_scale=0.1)
    assert got.keys() == want.keys() | {"tail"}
    for name, value in (want | {"tail": 1}).items():
      np.testing.assert_allclose(got[name], value)


@pytest.mark.parametrize(("clip", "most"), [(0.0, 15), (1.0, 1)])
def test_a_large_gradient_after_small_ones_makes_no_large_step(clip, most):
  """Adam alone would step by (1 - b1) / sqrt(1 - b2) = 15.8 rates."""
  config = _config()
  config.optimizer.clip = clip
  optimizer = objective.create_objective(config).discriminator.tx
  params = {"kernel": jnp.zeros(4)}
  update = jax.jit(optimizer.update)
  state = optimizer.init(params)
  for _ in range(2_000):
    _, state = update({"kernel": jnp.full(4, 1e-4)}, state)
  steps, _ = update({"kernel": jnp.full(4, 1.0)}, state)
  # From 80 % of the stage on the rate is a tenth.
  size = np.abs(steps["kernel"]).max() / (0.1 * config.optimizer.learning_rate)
  np.testing.assert_allclose(size, most, rtol=0.1)


def _trainer(index):
  return concurrent.create_trainer(_config(), SIZES[: index + 1], 3)


def _reals(index):
  random = np.random.default_rng(0)
  return [
    jnp.asarray(random.uniform(-1, 1, (1, *size, 3)), jnp.float32)
    for size in SIZES[: index + 1]
  ]


@functools.cache
def _grown(index):
  """The state at the start of a stage, with weights large enough to matter."""
  init = jax.jit(_trainer(index).init)
  previous = _grown(index - 1) if index else None
  state = init(jax.random.key(index), previous, _reals(index))
  if index:
    return state
  larger = lambda x: 8 * x if x.ndim == 4 else x / 2
  return state.replace(params=jax.tree.map(larger, state.params))


def _reference_step(torch, trainer, state):
  """One step as published: three fakes, the whole generator twice, autograd."""
  config = _config()
  net = Torch(
    torch, concurrent.merged(state.params), state.params["discriminator"], config
  )
  keys = jax.random.split(jax.random.fold_in(state.key, state.step))
  points = np.asarray(jax.random.uniform(keys[0], (3,)))
  noises = [net.image(x) for x in trainer.draw(keys[1], {})]
  fixed = [net.image(state.extra["noise"][str(i)]) for i in range(len(noises))]
  sizes, amplitudes = SIZES[: len(noises)], state.extra["amplitudes"]
  real = net.image(_reals(trainer.index)[-1])
  groups = [
    {"params": jax.tree.leaves(net.generator[name]), "lr": 5e-4 * factor}
    for name, factor in concurrent.rate_shares(
      trainer.index, trainer.first, config.lr_scale
    ).items()
  ]
  adam_g = torch.optim.Adam(groups, betas=(0.5, 0.999))
  adam_d = torch.optim.Adam(
    jax.tree.leaves(net.discriminator), 5e-4, betas=(0.5, 0.999)
  )
  for u in points:
    fake = net.make(noises, sizes, amplitudes)
    mixed = (float(u) * real + (1 - float(u)) * fake.detach()).requires_grad_()
    (slope,) = torch.autograd.grad(net.critic(mixed).sum(), mixed, create_graph=True)
    loss = (
      net.critic(fake.detach()).mean()
      - net.critic(real).mean()
      + 0.1 * ((slope.norm(2, dim=1) - 1) ** 2).mean()
    )
    adam_d.zero_grad()
    loss.backward()
    adam_d.step()
  again = net.make(fixed, sizes, amplitudes)
  loss = -net.critic(fake).mean() + 10 * ((again - real) ** 2).mean()
  adam_g.zero_grad()
  loss.backward()
  for _ in range(3):
    adam_g.step()
  return net, adam_g, adam_d, again


@pytest.mark.parametrize(
  "index",
  [pytest.param(0, marks=pytest.mark.slow), 2, pytest.param(4, marks=pytest.mark.slow)],
)
def test_a_step_is_the_published_one(index):
  """With nothing shared or left out, at stages with and without frozen ones."""
  torch = pytest.importorskip("torch", reason="computes the reference")
  trainer, state, real = _trainer(index), _grown(index), _reals(index)[-1]
  net, adam_g, adam_d, again = _reference_step(torch, trainer, state)
  after, scalars = jax.jit(trainer.update)(state, {"real": real})
  if index:
    error = torch.mean((again - net.image(real)) ** 2)
    np.testing.assert_allclose(
      scalars["reconstruction"], error.detach() ** 0.5, rtol=1e-4
    )
  for player, adam, tree in (
    ("discriminator", adam_d, net.discriminator),
    ("generator", adam_g, net.generator),
  ):
    moments, moved = after.opt[player][0], after.params[player]
    assert moments.count == 3
    tree = {name: tree[name] for name in moved}
    leaves = zip(
      *map(jax.tree.leaves, (moments.mu, moved, tree, state.params[player])),
      strict=True,
    )
    for mu, new, leaf, old in leaves:
      want = adam.state[leaf]["exp_avg"].numpy()
      if not want.any():  # A shift of all scores changes nothing.
        assert mu.size == 1 and np.abs(mu) < 1e-6
        continue
      np.testing.assert_allclose(mu, want, atol=2e-3 * np.abs(want).max(), rtol=1e-2)
      step = np.abs(leaf.detach().numpy() - old).max()
      assert np.abs(new - leaf.detach().numpy()).mean() < 0.02 * step
  for new, old in zip(
    *map(jax.tree.leaves, (after.params["frozen"], state.params["frozen"])), strict=True
  ):
    np.testing.assert_array_equal(new, old)


def test_growing_copies_the_last_stage_and_measures_the_noise():
  before, state, reals = _grown(1), _grown(2), _reals(2)
  everything = concurrent.merged(state.params)
  for a, b in itertools.pairwise((everything["body_1"], everything["body_2"])):
    jax.tree.map(np.testing.assert_array_equal, a, b)
  jax.tree.map(
    np.testing.assert_array_equal,
    state.params["discriminator"],
    before.params["discriminator"],
  )
  fixed = [state.extra["noise"][str(i)] for i in range(3)]
  np.testing.assert_array_equal(fixed[0], reals[0])
  quiet = state.extra["amplitudes"].at[2].set(0.0)
  image = jax.jit(
    lambda params, noises, amplitudes: _trainer(2).generator.apply(
      {"params": params}, noises, SIZES[:3], amplitudes
    )
  )(everything, fixed, quiet)
  error = np.sqrt(np.mean((np.asarray(image) - reals[2]) ** 2))
  np.testing.assert_allclose(
    state.extra["amplitudes"],
    [1, before.extra["amplitudes"][1], 0.1 * error],
    rtol=1e-5,
  )
