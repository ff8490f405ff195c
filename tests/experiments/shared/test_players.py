"""Two players: which rows of a batch each update gets, and the state."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxgan.engine import core
from jaxgan.experiments.shared import players


class Objective:
  """Losses that are never called."""

  discriminator = generator = None


def make(discriminator, generator):
  return players.create_players(
    Objective(),
    {name: optax.adam(0.1) for name in players.NAMES},
    {"discriminator": discriminator, "generator": generator},
    streamed=("image",),
  )


def test_each_update_gets_rows_of_its_own():
  discriminator, generator = make(3, 4)
  assert (discriminator.name, discriminator.updates) == ("discriminator", 3)
  assert (generator.name, generator.updates) == ("generator", 4)
  batch = {"image": np.arange(12).reshape(12, 1), "constant": np.ones(2)}
  parts = [generator.batch(batch, index) for index in range(4)]
  rows = [part["image"].ravel().tolist() for part in parts]
  assert rows[0] == [0, 3, 6, 9]  # Interleaved.
  assert sorted(rows[0] + rows[1] + rows[2]) == list(range(12))
  assert rows[3] == rows[0]
  assert all(part["constant"].shape == (2,) for part in parts)
  for index in range(3):
    same = discriminator.batch(batch, index)["image"]
    np.testing.assert_array_equal(same, parts[index]["image"])


@pytest.mark.parametrize("name", players.NAMES)
def test_statistics_and_the_average_are_kept_apart_from_weights(name):
  variables = {
    player: {"params": {"w": np.ones(3)}, "batch_stats": {"mean": np.zeros(2)}}
    for player in players.NAMES
  }
  state = players.create_state(
    jax.random.key(0), variables, make(1, 1), {"fixed": np.zeros(1)}
  )
  assert state.params[name] == variables[name]["params"]
  assert state.extra[name] == {"batch_stats": variables[name]["batch_stats"]}
  assert state.extra["ema"] is variables["generator"]
  assert set(state.extra) == {*players.NAMES, "ema", "fixed"}


def test_the_average_is_of_weights_and_statistics():
  variables = {
    player: {"params": {"w": np.ones(3)}, "batch_stats": {"mean": np.zeros(2)}}
    for player in players.NAMES
  }
  state = players.create_state(jax.random.key(0), variables, make(1, 1))

  def update(state, batch):
    return state.replace(
      step=state.step + 1,
      params=state.params | {"generator": {"w": np.full(3, 2.0)}},
      extra=state.extra | {"generator": {"batch_stats": {"mean": np.ones(2)}}},
    ), {}

  after, _ = players.average_generator(update, 0.5)(state, core.Batch())
  # At step 0 the decay is a tenth.
  np.testing.assert_allclose(after.extra["ema"]["params"]["w"], 1.9, rtol=1e-6)
  np.testing.assert_allclose(after.extra["ema"]["batch_stats"]["mean"], 0.9, rtol=1e-6)


def test_micro_batches_give_the_update_of_the_whole_batch():
  keys = jax.random.split(jax.random.key(5), 4)
  params = {
    "net": {
      "first": jax.random.normal(keys[0], (6, 9)),
      "second": jax.random.normal(keys[1], (9, 1)),
    }
  }
  batch = {
    "x": jax.random.normal(keys[2], (12, 6)),
    "y": jax.random.normal(keys[3], (12, 1)),
    "scale": jnp.float32(2),  # A constant.
  }

  def loss(params, state, batch, key):
    hidden = jnp.tanh(batch["x"] @ params["net"]["first"])
    error = batch["scale"] * (hidden @ params["net"]["second"]) - batch["y"]
    value = jnp.mean(jnp.square(error))
    seen = state.extra["seen"] + len(batch["x"])
    return value, ({"seen": seen}, {"loss": value})

  ended, scalars = {}, {}
  for count in (1, 4):
    player = core.Player(
      "net",
      loss,
      optax.sgd(0.1),
      batch=players.rows(("x", "y"), count),
      accumulate=count,
    )
    state = core.create_state(
      jax.random.key(0), params, [player], {"seen": jnp.zeros((), int)}
    )
    update = jax.jit(core.alternate([player]))
    ended[count], scalars[count] = update(state, batch)
  for one, several in zip(
    *(jax.tree.leaves((ended[k].params, scalars[k])) for k in (1, 4)), strict=True
  ):
    np.testing.assert_allclose(one, several, rtol=1e-4, atol=1e-6)
  assert ended[1].extra == ended[4].extra == {"seen": 12}  # Each image once.
  assert ended[4].step == 1
