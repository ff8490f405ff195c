"""Networks and iterations against PyTorch doing all the published program's work."""

import importlib
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.experiments.single_image import concurrent
from jaxgan.nets import consingan as nets

SIZES = ((14, 17), (16, 19), (18, 23), (21, 26), (25, 31), (30, 36))
COUNT_G, COUNT_D = 3_523, 113_153


def _config(**changes):
  config = importlib.import_module("configs.consingan").get_config("tiny")
  config.update(
    features=4,
    num_stages=len(SIZES),
    num_steps=10,
    moves=dict(discriminator=3, generator=3),
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

  def judge(self, x):
    x = self.chain(self.discriminator["Chain_0"], x)
    return self.conv(self.discriminator["Conv_0"], x)

  def image(self, x):
    return self.torch.tensor(np.asarray(x).transpose(0, 3, 1, 2).copy())


def _nhwc(x):
  return x.detach().numpy().transpose(0, 2, 3, 1)


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("mode", concurrent.MODES)
def test_both_networks_are_pytorchs(mode, norm, scale):
  torch = pytest.importorskip("torch", reason="computes the reference")
  torch.manual_seed(0)
  config = _config(mode=mode, batch_norm=norm)
  sizes = [(h * scale, w * scale) for h, w in SIZES[:3]]
  generator, discriminator = concurrent.networks(config, 3, 3)
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
    scores = reference.judge(want)
  got = generator.apply({"params": params[0]}, noises, sizes, amplitudes)
  np.testing.assert_allclose(got, _nhwc(want), atol=1e-4)
  np.testing.assert_allclose(
    discriminator.apply({"params": params[1]}, got), _nhwc(scores), atol=1e-3
  )


@pytest.mark.parametrize(
  ("stages", "norm", "count"),
  [(1, False, 114_307), (6, False, 668_227), (6, True, 668_227 + 2_432)],
)
def test_published_counts(stages, norm, count):
  config = importlib.import_module("configs.consingan").get_config()
  config.batch_norm = norm
  generator, discriminator = concurrent.networks(config, 3, stages)
  noises = [
    jnp.zeros((1, *generator.noise_shape(i, size)))
    for i, size in enumerate(SIZES[:stages])
  ]
  shapes = jax.eval_shape(
    lambda: (
      generator.init(jax.random.key(0), noises, SIZES[:stages], jnp.ones(stages)),
      discriminator.init(jax.random.key(0), jnp.zeros((1, 14, 17, 3))),
    )
  )
  assert [sum(x.size for x in jax.tree.leaves(tree)) for tree in shapes] == [
    count,
    COUNT_D,
  ]


def test_images_of_a_batch_do_not_interact():
  generator, _ = concurrent.networks(_config(batch_norm=True), 3, 2)
  keys = jax.random.split(jax.random.key(0))
  noises = [
    jax.random.normal(keys[i], (3, *generator.noise_shape(i, SIZES[i])))
    for i in range(2)
  ]
  call = lambda variables, noises: generator.apply(
    variables, noises, SIZES[:2], jnp.ones(2)
  )
  variables = generator.init(keys[0], noises, SIZES[:2], jnp.ones(2))
  together = call(variables, noises)
  alone = call(variables, [x[1:2] for x in noises])
  np.testing.assert_allclose(together[1:2], alone, atol=1e-5)


@pytest.mark.parametrize("activation", nets.ACTIVATIONS)
def test_activations(activation):
  block = nets.ConvBlock(2, activation, 0.1)
  x = jax.random.normal(jax.random.key(0), (1, 5, 5, 3))
  params = block.init(jax.random.key(1), x)["params"]
  plain = nets.conv(2, 3).apply({"params": params["Conv_0"]}, x)
  below = {
    "leaky_relu": 0.1 * plain,
    "prelu": 0.25 * plain,
    "elu": jnp.expm1(plain),
    "selu": 1.0507009873554805 * 1.6732632423543772 * jnp.expm1(plain),
  }
  above = plain * (1.0507009873554805 if activation == "selu" else 1)
  np.testing.assert_allclose(
    block.apply({"params": params}, x),
    jnp.where(plain > 0, above, below[activation]),
    rtol=1e-5,
    atol=1e-6,
  )


def test_learning_rates_and_what_is_frozen():
  config = _config()
  share = {
    0: {"body_0": 1, "head": 1},
    1: {"body_0": 0.1, "body_1": 1, "head": 0.1},
    2: {"body_0": 0.01, "body_1": 0.1, "body_2": 1, "head": 0.01},
    3: {"body_1": 0.01, "body_2": 0.1, "body_3": 1},
    5: {"body_3": 0.01, "body_4": 0.1, "body_5": 1},
  }
  for index, want in share.items():
    got = concurrent.factors(config, index)
    assert got.keys() == want.keys() | {"tail"}
    for name, value in (want | {"tail": 1}).items():
      np.testing.assert_allclose(got[name], value)


def _grown(config, index):
  """The state at the start of a stage, with weights large enough to matter."""
  random = np.random.default_rng(0)
  reals = [random.uniform(-1, 1, (1, *size, 3)).astype(np.float32) for size in SIZES]
  state = None
  for i in range(index + 1):
    trainer = concurrent.Trainer(config, i, SIZES[: i + 1], 3)
    state = trainer.init(
      jax.random.key(i), state, {str(j): jnp.asarray(reals[j]) for j in range(i + 1)}
    )
    if i == 0:
      state = state.replace(
        params=jax.tree.map(lambda x: 8 * x if x.ndim == 4 else x / 2, state.params)
      )
  return trainer, state


def _reference_iteration(torch, trainer, state, config):
  """One iteration as published: three fakes, the whole generator twice, autograd."""
  net = Torch(
    torch, concurrent.merged(state.params), state.params["discriminator"], config
  )
  keys = jax.random.split(jax.random.fold_in(state.key, state.step))
  points = np.asarray(jax.random.uniform(keys[0], (3,)))
  noises = [net.image(x) for x in trainer.draw(keys[1], state)]
  fixed = [net.image(state.extra["noise"][str(i)]) for i in range(len(noises))]
  sizes, amplitudes = SIZES[: len(noises)], state.extra["amplitudes"]
  real = net.image(state.extra["real"][str(trainer.index)])
  groups = [
    {"params": jax.tree.leaves(net.generator[name]), "lr": 5e-4 * factor}
    for name, factor in concurrent.factors(config, trainer.index).items()
  ]
  adam_g = torch.optim.Adam(groups, betas=(0.5, 0.999))
  adam_d = torch.optim.Adam(
    jax.tree.leaves(net.discriminator), 5e-4, betas=(0.5, 0.999)
  )
  for u in points:
    fake = net.make(noises, sizes, amplitudes)
    mixed = (float(u) * real + (1 - float(u)) * fake.detach()).requires_grad_()
    (slope,) = torch.autograd.grad(net.judge(mixed).sum(), mixed, create_graph=True)
    loss = (
      net.judge(fake.detach()).mean()
      - net.judge(real).mean()
      + 0.1 * ((slope.norm(2, dim=1) - 1) ** 2).mean()
    )
    adam_d.zero_grad()
    loss.backward()
    adam_d.step()
  again = net.make(fixed, sizes, amplitudes)
  loss = -net.judge(fake).mean() + 10 * ((again - real) ** 2).mean()
  adam_g.zero_grad()
  loss.backward()
  for _ in range(3):
    adam_g.step()
  return net, adam_g, adam_d, again


@pytest.mark.parametrize("index", [0, 2, 3, 5])
def test_an_iteration_is_the_published_one(index):
  """With nothing shared or left out, at stages with and without frozen ones."""
  torch = pytest.importorskip("torch", reason="computes the reference")
  config = _config()
  trainer, state = _grown(config, index)
  net, adam_g, adam_d, again = _reference_iteration(torch, trainer, state, config)
  after, scalars = jax.jit(trainer.update)(state)
  if index:
    error = torch.mean((again - net.image(state.extra["real"][str(index)])) ** 2)
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
  config = _config()
  _, before = _grown(config, 1)
  trainer, state = _grown(config, 2)
  everything = concurrent.merged(state.params)
  for a, b in itertools.pairwise((everything["body_1"], everything["body_2"])):
    jax.tree.map(np.testing.assert_array_equal, a, b)
  jax.tree.map(
    np.testing.assert_array_equal,
    state.params["discriminator"],
    before.params["discriminator"],
  )
  fixed = [state.extra["noise"][str(i)] for i in range(3)]
  np.testing.assert_array_equal(fixed[0], state.extra["real"]["0"])
  quiet = state.extra["amplitudes"].at[2].set(0.0)
  image = trainer.generator.apply({"params": everything}, fixed, SIZES[:3], quiet)
  error = np.sqrt(np.mean((np.asarray(image) - state.extra["real"]["2"]) ** 2))
  np.testing.assert_allclose(
    state.extra["amplitudes"],
    [1, before.extra["amplitudes"][1], 0.1 * error],
    rtol=1e-5,
  )
