"""Players, updates and averages against arithmetic done by hand or in NumPy."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxgan.engine import core
from tests.engine import toy


def product(params, state, batch, key, *, own, other):
  """own * (other + a random number + the batch's): the gradient tells what was used."""
  del state
  offset = params[other] + jax.random.uniform(key) + jnp.sum(batch["x"])
  value = params[own] * offset
  return value, ({f"{own} used": params[other]}, {f"value_{own}": value})


def pair(updates):
  """Two players of one number each, by gradient descent of rate 0.1."""
  return [
    core.Player(
      own,
      functools.partial(product, own=own, other=other),
      optax.sgd(0.1),
      updates[own],
      lambda batch, index: {"x": batch["x"][index]},
    )
    for own, other in (("a", "b"), ("b", "a"))
  ]


def start(players):
  extra = {"a used": jnp.zeros(()), "b used": jnp.zeros(()), "kept": jnp.ones(2)}
  params = {"a": jnp.float32(1), "b": jnp.float32(2)}
  return core.create_state(jax.random.key(3), params, players, extra)


def test_players_are_updated_in_order_and_by_the_same_keys():
  players = pair({"a": 3, "b": 2})
  update = jax.jit(core.alternate(players))
  batch = {"x": jnp.array([0.5, -1.0, 4.0])}
  state, a, b = start(players), 1.0, 2.0
  for step in range(3):
    key = jax.random.fold_in(jax.random.key(3), step)
    noise = [float(jax.random.uniform(jax.random.fold_in(key, i))) for i in range(3)]
    state, scalars = update(state, batch)
    for i in range(3):
      a -= 0.1 * (b + noise[i] + float(batch["x"][i]))
    for i in range(2):
      last = b * (a + noise[i] + float(batch["x"][i]))
      b -= 0.1 * (a + noise[i] + float(batch["x"][i]))
    np.testing.assert_allclose(
      [state.params["a"], state.params["b"]], [a, b], rtol=1e-5
    )
    np.testing.assert_allclose(scalars["value_b"], last, rtol=1e-5)
    assert int(state.step) == step + 1
  toy.assert_same(state.key, jax.random.key(3))
  np.testing.assert_allclose(state.extra["b used"], a, rtol=1e-5)
  np.testing.assert_array_equal(state.extra["kept"], [1, 1])


def test_an_update_changes_only_its_players_weights_and_optimizer():
  state = toy.make()[0].init(jax.random.key(0), None)
  batch = {"image": jnp.full((8, 2, 2, 1), 30, jnp.uint8), "importance": jnp.ones(4)}
  player = toy.players()[0]
  after, scalars = core.update_player(state, player, batch, jax.random.key(1))
  toy.assert_same(
    (after.params["generator"], after.opt["generator"], after.step),
    (state.params["generator"], state.opt["generator"], state.step),
  )
  toy.assert_same(
    (after.extra["ema"], after.extra["latents"]),
    (state.extra["ema"], state.extra["latents"]),
  )
  assert after.extra["statistics"]["mean"][0] != 0
  loss = lambda plane: toy.loss_discriminator(
    state.params | {"discriminator": plane}, state, batch, jax.random.key(1)
  )[0]
  gradient = jax.grad(loss)(state.params["discriminator"])["plane"]
  np.testing.assert_allclose(
    scalars["gradient_discriminator"], np.linalg.norm(gradient), rtol=1e-6
  )


@pytest.mark.parametrize("decay", [0.2, 0.95])
def test_average_follows_the_weights_slowly_at_first_less_so(decay):
  def update(state, batch):
    moved = {"p": {"w": state.params["p"]["w"] * 2 + 1}}
    return state.replace(step=state.step + 1, params=moved), {}

  w = np.array([1.0, -0.5], np.float32)
  state = core.State(
    jnp.int32(0),
    jax.random.key(0),
    {"p": {"w": jnp.asarray(w)}},
    {},
    {"ema": {"w": jnp.asarray(w)}},
  )
  averaged = jax.jit(core.average(update, lambda state: state.params["p"], decay))
  average = w.copy()
  for step in range(6):
    state, _ = averaged(state, {})
    w = 2 * w + 1
    rate = min(decay, (1 + step) / (10 + step))
    average = rate * average + (1 - rate) * w
    np.testing.assert_allclose(state.extra["ema"]["w"], average, rtol=1e-6)


def test_optimizers_that_ask_for_the_loss_get_it():
  def rosenbrock(params, state, batch, key):
    del state, batch, key
    x, y = params["image"]["pixels"]
    value = (1 - x) ** 2 + 100 * (y - x**2) ** 2
    return value, ({}, {"loss": value})

  player = core.Player("image", rosenbrock, optax.lbfgs())
  pixels = {"image": {"pixels": jnp.array([-1.2, 1.0])}}
  state = core.create_state(jax.random.key(0), pixels, [player])
  update = jax.jit(core.alternate([player]))
  for _ in range(40):  # Gradient descent needs thousands.
    state, scalars = update(state, {})
  np.testing.assert_allclose(state.params["image"]["pixels"], [1, 1], atol=1e-4)
  assert scalars["loss"] < 1e-8


def test_collections_average_some_scalars_and_keep_the_last_of_others():
  collection = core.average_of("loss", latest=["rate"])
  gathered = collection.empty()
  for loss, rate in ((1.0, 0.3), (2.0, 0.2), (6.0, 0.1)):
    gathered = gathered.merge(
      collection.single_from_model_output(
        loss=jnp.float32(loss), rate=jnp.float32(rate), unused=jnp.float32(0)
      )
    )
  values = gathered.compute()
  assert set(values) == {"loss", "rate"}
  np.testing.assert_allclose([values["loss"], values["rate"]], [3.0, 0.1], rtol=1e-6)
