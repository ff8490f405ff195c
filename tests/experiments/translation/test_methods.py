"""Losses and steps of CycleGAN and CUT: by hand, and against PyTorch's."""

from typing import Any

from flax import linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxgan.engine import core
from jaxgan.experiments.shared import schedules
from jaxgan.experiments.translation import cyclegan, methods
from jaxgan.experiments.translation.networks import Networks


class Slope(nn.Module):
  """A network of one weight."""

  @nn.compact
  def __call__(self, x: Any) -> Any:
    return x * self.param("slope", nn.initializers.ones, ())


def test_a_step_of_cyclegan_by_hand():
  """ab(x) = x / 2, ba(x) = 3/2 x, b's judge is 1 x, a's 1/2 x; a = 1, b = 2."""
  method = cyclegan.CycleGAN(Networks(Slope(), Slope()), size=1, pool=0, flip=False)
  slopes = {"ab": 0.5, "ba": 1.5, "a": 0.5, "b": 1.0}
  own = {name: {"slope": jnp.float32(x)} for name, x in slopes.items()}
  players = method.players(optax.adam(2e-4, b1=0.5, b2=0.999))
  _, extra = method.init(jax.random.key(0))
  state = core.create_state(jax.random.key(0), {"networks": own}, players, extra)
  batch = {
    name: np.full((1, 1, 1, 3), 127.5 * (x + 1), np.float32)
    for name, x in (("a", 1), ("b", 2))
  }
  loss = lambda own: method.loss({"networks": own}, state, batch, jax.random.key(1))
  slope, (_, scalars) = jax.jit(jax.grad(loss, has_aux=True))(own)
  for name, want in (
    ("loss_generators", 15.5),
    ("loss_discriminators", 0.625 + 1.25),
    ("gan_ab", 0.25),
    ("gan_ba", 0.25),
    ("cycle", 0.25 + 0.5),
    ("identity", 1.0 + 0.5),
  ):
    np.testing.assert_allclose(scalars[name], want, rtol=1e-6, err_msg=name)
  # The discriminators' slopes would be others with fakes of the new generators.
  for name, want in (("ab", -56), ("ba", -9), ("b", 2.25), ("a", 4)):
    np.testing.assert_allclose(slope[name]["slope"], want, rtol=1e-5, err_msg=name)
  after, _ = jax.jit(core.alternate(players))(state, batch)
  for name, want in (("ab", 0.5002), ("ba", 1.5002), ("b", 0.9998), ("a", 0.4998)):
    got = after.params["networks"][name]["slope"]
    np.testing.assert_allclose(got, want, atol=1e-7, err_msg=name)


def test_the_rate_falls_in_a_line_from_half_of_the_steps():
  rate = schedules.linear_decay(2.0, 50, 100)
  got = [float(rate(step)) for step in (0, 50, 75, 99, 100, 120)]
  np.testing.assert_allclose(got, [2, 2, 1, 0.04, 0, 0])
  assert float(schedules.linear_decay(2.0, 100, 100)(99)) == 2


def test_a_generator_that_ignores_the_discriminator_is_named(make_config):
  method = methods.create_method(make_config("cut"))
  ignores, balanced = {"gan": 0.99}, {"gan": 0.25}
  assert not list(method.remarks({}, ignores))
  assert not list(method.remarks(balanced, ignores))
  (line,) = method.remarks(ignores, ignores)
  assert "lower config.loss.nce" in line


def _setup(config):
  """The method, random weights, a batch, and the same as PyTorch's tensors."""
  reference = pytest.importorskip("tests.nets.torch_cyclegan")
  method, random = methods.create_method(config), np.random.default_rng(0)
  shapes, extra = jax.eval_shape(method.init, jax.random.key(0))
  draw = lambda x: random.normal(size=x.shape, scale=0.1).astype(np.float32)
  params, extra = jax.tree.map(draw, shapes), jax.tree.map(jnp.zeros_like, extra)
  state = core.State(0, jax.random.key(0), params, {}, extra)
  batch = {name: jnp.uint8(random.integers(0, 256, (2, 32, 32, 3))) for name in "ab"}
  a, b = (
    reference.to_torch(batch[name] / 127.5 - 1).permute(0, 3, 1, 2) for name in "ab"
  )
  return reference, method, state, batch, a, b


def _check(slopes, wanted):
  """Gradients of a tree against those of PyTorch."""
  # Those of biases that the normalization cancels are rounding errors.
  least = 1e-2 * max(np.abs(x).max() for x in jax.tree.leaves(wanted))
  for (path, got), want in zip(
    jax.tree.leaves_with_path(slopes), jax.tree.leaves(wanted), strict=True
  ):
    scale = max(np.abs(want).max(), least)
    np.testing.assert_allclose(got / scale, want / scale, atol=1e-3, err_msg=str(path))


def _gradients(loss, params):
  """Those of a PyTorch loss in a tree of tensors, as arrays."""
  torch = pytest.importorskip("torch")
  leaves, tree = jax.tree.flatten(params)
  found = torch.autograd.grad(loss, leaves, retain_graph=True)
  return jax.tree.unflatten(tree, [x.numpy() for x in found])


@pytest.mark.slow
def test_cyclegans_step_is_pytorchs(make_config):
  reference, method, state, batch, a, b = _setup(make_config(pool=0))
  own = reference.to_torch(state.params["networks"], grad=True)
  net = lambda name, x: reference.generator(own[name], x, 2, False)[0]
  judge = lambda name, x: reference.discriminator(own[name], x, False)
  fake_b, fake_a = net("ab", a), net("ba", b)
  gan = ((judge("b", fake_b) - 1) ** 2).mean() + ((judge("a", fake_a) - 1) ** 2).mean()
  cycle = (net("ba", fake_b) - a).abs().mean() + (net("ab", fake_a) - b).abs().mean()
  same = (net("ab", b) - b).abs().mean() + (net("ba", a) - a).abs().mean()
  loss_g = gan + 10 * cycle + 5 * same
  loss_d = sum(
    ((judge(n, real) - 1) ** 2).mean() / 2 + (judge(n, fake.detach()) ** 2).mean() / 2
    for n, real, fake in (("a", a, fake_a), ("b", b, fake_b))
  )
  want = {
    **_gradients(loss_d, {name: own[name] for name in "ab"}),
    **_gradients(loss_g, {name: own[name] for name in ("ab", "ba")}),
  }

  def loss(own):
    return method.loss({"networks": own}, state, batch, jax.random.key(1))

  slopes, (_, scalars) = jax.jit(jax.grad(loss, has_aux=True))(state.params["networks"])
  np.testing.assert_allclose(scalars["loss_generators"], loss_g.item(), rtol=1e-4)
  np.testing.assert_allclose(scalars["loss_discriminators"], loss_d.item(), rtol=1e-4)
  _check(slopes, {name: want[name] for name in slopes})


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cut", "fastcut"])
def test_cuts_step_is_pytorchs(make_config, name):
  """All places are compared, so that none need be drawn alike."""
  torch = pytest.importorskip("torch")
  config = make_config(name, **{"loss.patches": 4096})
  reference, method, state, batch, a, b = _setup(config)
  key = next(
    key
    for key in map(jax.random.key, range(20))
    if bool(method.turned(key)) == config.loss.mirror
  )
  own = reference.to_torch(state.params, grad=True)
  net = lambda x: reference.generator(own["generator"]["net"], x, 2, True)
  judge = lambda x: reference.discriminator(own["discriminator"], x, True)
  given = a.flip(3) if config.loss.mirror else torch.cat((a, b))
  translated, _ = net(given)
  fake = translated[: len(a)]
  loss_d = ((judge(b) - 1) ** 2).mean() / 2 + (judge(fake.detach()) ** 2).mean() / 2
  queries, keys = net(translated)[1], net(a if config.loss.mirror else given)[1]
  if config.loss.mirror:
    queries = {name: x.flip(3) for name, x in queries.items()}
  heads = own["generator"]["heads"]
  queries, keys = reference.heads(heads, queries), reference.heads(heads, keys)
  losses = []
  for tap, q in queries.items():
    logits = q @ keys[tap].detach().mT / 0.07
    right = logits.diagonal(dim1=1, dim2=2)
    losses.append((logits.logsumexp(-1) - right).mean())
  nce = sum(losses) / 5
  loss_g = ((judge(fake) - 1) ** 2).mean() + config.loss.nce * nce

  for player, want in (("discriminator", loss_d), ("generator", loss_g)):

    def loss(weights, player=player):
      params = state.params | {player: weights}
      return getattr(method, player)(params, state, batch, key)

    slopes, (_, scalars) = jax.jit(jax.grad(loss, has_aux=True))(state.params[player])
    np.testing.assert_allclose(scalars[f"loss_{player}"], want.item(), rtol=1e-4)
    _check(slopes, _gradients(want, own[player]))
