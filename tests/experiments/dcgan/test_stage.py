"""DCGAN's objective, step, sampling and tasks."""

import importlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import errors
from jaxgan.data import packed
from jaxgan.engine import core
from jaxgan.experiments.dcgan import (
  data,
  inference,
  learning_rate_rule,
  networks,
  objective,
  stage,
  tasks,
)
from jaxgan.losses import adversarial


def _config(**changes):
  """A 12x12 GAN that compiles in a moment."""
  config = importlib.import_module("configs.dcgan_anime").get_config("tiny")
  config.data.update(size=12, batch_size=4)
  config.generator.update(width=2, latents=5)
  config.loss.augment = ""
  config.update_from_flattened_dict(changes)
  return config


def _batch(n=4, seed=0):
  random = np.random.default_rng(seed)
  return {
    "image": random.integers(0, 256, (n, 12, 12, 3)).astype(np.uint8),
    "hair": random.integers(-1, 3, n).astype(np.int32),
  }


def _setup(config, classes=None):
  classes = classes or {}
  nets = networks.networks(config, classes)
  goal = objective.objective(config, nets, classes)
  moving = stage.players(config, goal)
  frequencies = {name: [1 / len(x)] * len(x) for name, x in classes.items()}
  init = jax.jit(
    lambda key: stage.init_state(
      key, nets, (12, 12, 3), moving, frequencies, bool(config.optimizer.rule)
    )
  )
  state = init(jax.random.key(0))
  return goal, jax.jit(stage.make_update(config, goal, 10)), state


def test_one_step_is_the_published_alternation():
  """The discriminator moves on the fake batch; the generator sees it moved."""
  config = _config(**{"loss.smoothing": 0.0, "data.flip": False})
  goal, update, state = _setup(config)
  batch = _batch()
  after, scalars = update(state, batch)
  key = jax.random.fold_in(jax.random.fold_in(state.key, state.step), 0)
  real = batch["image"] / 127.5 - 1

  def run(net, player, params, x):
    out, _ = net.apply(
      {"params": params, **state.extra[player]}, x, train=True, mutable=["batch_stats"]
    )
    return out

  z = goal.nets.draw(jax.random.split(key, 6)[1], 4)
  make = lambda params: run(goal.nets.generator, "generator", params, z)
  judge = lambda params, x: run(goal.nets.discriminator, "discriminator", params, x)
  fake = make(state.params["generator"])
  loss_d, grads_d = jax.value_and_grad(
    lambda params: adversarial.non_saturating_discriminator(
      judge(params, real), judge(params, fake)
    )
  )(state.params["discriminator"])
  np.testing.assert_allclose(scalars["loss_discriminator"], loss_d, rtol=1e-4)
  # Adam's first step moves every weight by the learning rate against its sign.
  moved = jax.tree.map(
    lambda new, old: new - old,
    after.params["discriminator"],
    state.params["discriminator"],
  )
  for change, grad in zip(
    jax.tree.leaves(moved), jax.tree.leaves(grads_d), strict=True
  ):
    clear = np.abs(grad) > 1e-5
    np.testing.assert_allclose(change[clear], -2e-4 * np.sign(grad[clear]), rtol=2e-2)
  loss_g = jnp.mean(jax.nn.softplus(-judge(after.params["discriminator"], fake)))
  np.testing.assert_allclose(scalars["loss_generator"], loss_g, rtol=1e-4)


def test_simultaneous_moves_by_gradients_at_the_same_weights():
  changes = {"loss.smoothing": 0.0, "data.flip": False}
  _, update, state = _setup(_config(**changes, moves="simultaneous"))
  goal, _, _ = _setup(_config(**changes))
  _, scalars = update(state, _batch())
  key = jax.random.fold_in(state.key, state.step)
  for name in stage.PLAYERS:
    loss, _ = getattr(goal, name)(state.params, state, _batch(), key)
    np.testing.assert_allclose(scalars[f"loss_{name}"], loss, rtol=1e-5)


@pytest.mark.parametrize(
  "changes",
  [
    {"loss.name": "hinge", "loss.smoothing": 0.0, "discriminator.norm": "spectral"},
    {
      "loss.name": "wasserstein",
      "loss.smoothing": 0.0,
      "discriminator.norm": "none",
      "loss.gradient_penalty": 10.0,
    },
    {"loss.name": "relativistic_hinge", "loss.smoothing": 0.0},
    {
      "loss.name": "least_squares",
      "loss.smoothing": 0.0,
      "optimizer.discriminator.repeats": 2,
    },
    {
      "loss.r1": 1.0,
      "discriminator.norm": "none",
      "loss.label_flip": 0.2,
      "loss.instance_noise": 0.1,
      "loss.noise_steps": 10,
    },
    {
      "loss.augment": "color,translation,cutout",
      "optimizer.generator.repeats": 2,
      "conditional": True,
      "optimizer.rule": True,
    },
    {"dtype": "bfloat16"},
  ],
  ids=lambda changes: changes.get("loss.name", "") or next(iter(changes)),
)
def test_options_train_and_change_every_weight(changes):
  config = _config(**changes)
  classes = {"hair": ("red", "blue", "green")} if config.conditional else {}
  _, update, state = _setup(config, classes)
  after, scalars = update(state, _batch(4 * config.optimizer.discriminator.repeats))
  assert all(np.isfinite(x) for x in scalars.values())
  for name in stage.PLAYERS:
    for old, new in zip(
      jax.tree.leaves(state.params[name]),
      jax.tree.leaves(after.params[name]),
      strict=True,
    ):
      assert np.isfinite(new).all()
      assert np.any(old != new), name


def test_each_repeat_sees_its_own_part_of_the_batch():
  config = _config(**{"optimizer.discriminator.repeats": 3})
  goal, _, _ = _setup(config)
  discriminator = stage.players(config, goal)[0]
  batch = {"image": np.arange(12).reshape(12, 1, 1, 1), "constant": np.ones(2)}
  parts = [discriminator.batch(batch, move) for move in range(4)]
  seen = [part["image"].ravel().tolist() for part in parts]
  assert sorted(seen[0] + seen[1] + seen[2]) == list(range(12))
  assert seen[3] == seen[0]
  assert all(part["constant"].shape == (2,) for part in parts)


def test_average_follows_the_generator_with_its_statistics():
  config = _config(ema=0.0)
  _, update, state = _setup(config)
  after, _ = update(state, _batch())
  for got, want in (
    (after.extra["ema"]["params"], after.params["generator"]),
    (after.extra["ema"]["batch_stats"], after.extra["generator"]["batch_stats"]),
  ):
    jax.tree.map(np.testing.assert_array_equal, got, want)


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    ({"loss.name": "hing"}, "did you mean 'hinge'"),
    ({"loss.name": "hinge"}, "smoothing"),
    ({"loss.r1": 1.0}, "norm"),
    ({"moves": "alternating"}, "did you mean 'alternate'"),
    ({"moves": "simultaneous", "optimizer.generator.repeats": 2}, "repeats"),
  ],
)
def test_options_without_effect_are_refused(changes, named):
  with pytest.raises(errors.UserError, match=named):
    _setup(_config(**changes))


def test_learning_rate_rule_halves_once_in_five_epochs_down_to_a_sixteenth():
  memory = learning_rate_rule.init()
  follow = jax.jit(learning_rate_rule.follow, static_argnums=3)
  factors = []
  for step in range(1, 201):  # Epochs of 4 steps, a discriminator that is too strong.
    memory = follow(memory, jnp.array([0.1, 1.0]), jnp.float32(step), 4)
    factors.append(float(memory["factor"]))
  changes = [i + 1 for i in range(1, 200) if factors[i] != factors[i - 1]]
  assert changes == [20, 40, 60, 80]
  assert factors[-1] == 1 / 16


def test_learning_rate_rule_leaves_a_balanced_game_alone():
  memory = learning_rate_rule.init()
  follow = jax.jit(learning_rate_rule.follow, static_argnums=3)
  random = np.random.default_rng(0)
  for step in range(1, 201):
    losses = jnp.array([1.2, 1.0]) + 0.1 * random.normal(size=2)
    memory = follow(memory, losses, jnp.float32(step), 4)
  assert memory["factor"] == 1.0


def test_an_image_of_a_seed_is_the_same_whatever_else_is_drawn():
  config = _config()
  nets = networks.networks(config, {})
  variables = jax.jit(
    lambda: nets.generator.init(jax.random.key(0), jnp.zeros((1, 5)), {}, train=False)
  )()
  sampler = inference.Sampler(nets, variables)
  many = sampler(sampler.latents(7, 70))
  np.testing.assert_array_equal(sampler(sampler.latents(7, 3)), many[:3])
  np.testing.assert_array_equal(sampler(sampler.latents(7, 2, first=68)), many[68:])
  assert many.shape == (70, 12, 12, 3)
  assert many.dtype == np.uint8


def test_labels_are_drawn_as_in_the_data_or_chosen():
  labels = inference.draw_labels(
    {"hair": [0.25, 0.75], "eyes": [0.5, 0.5]}, 4000, 0, {"eyes": 1}
  )
  assert (labels["eyes"] == 1).all()
  np.testing.assert_allclose(labels["hair"].mean(), 0.75, atol=0.03)


@pytest.mark.parametrize(
  ("text", "named"),
  [
    ("hiar=blue", "did you mean 'hair'"),
    ("hair=bleu", "did you mean 'blue'"),
    ("hair", "no value ''"),
  ],
)
def test_unknown_labels_suggest_the_nearest(text, named):
  with pytest.raises(errors.UserError, match=named):
    tasks.parse_labels(text, {"hair": ["red", "blue"]})


def test_labels_of_an_unconditional_run():
  with pytest.raises(errors.UserError, match="without labels"):
    tasks.parse_labels("hair=red", {})
  assert tasks.parse_labels("", {}) == {}


def test_slerp_keeps_the_norm_and_meets_both_ends():
  a, b = np.array([3.0, 0.0]), np.array([0.0, 3.0])
  np.testing.assert_allclose(tasks.slerp(a, b, 0.0), a, atol=1e-12)
  np.testing.assert_allclose(tasks.slerp(a, b, 1.0), b, atol=1e-12)
  np.testing.assert_allclose(
    tasks.slerp(a, b, 1 / 3), [3 * np.cos(np.pi / 6), 3 * np.sin(np.pi / 6)]
  )
  np.testing.assert_allclose(tasks.slerp(a, a, 0.3), a)


def test_thumbnails_are_means_of_cells():
  image = np.zeros((1, 16, 24, 1), np.uint8)
  image[0, :2, :3] = 255  # Exactly the first of 8x8 cells.
  small = data.thumbnails(image)
  np.testing.assert_allclose(small[0, 0], 1.0)
  assert small[0, 1:].max() == 0.0


def test_frequencies_leave_out_unknown_labels():
  images = packed.Packed(
    np.zeros((5, 2, 2, 3), np.uint8),
    {"hair": np.array([0, 1, 1, -1, 1])},
    {"hair": ("red", "blue", "green")},
  )
  assert data.frequencies_of(images) == {"hair": [0.25, 0.75, 0.0]}


def test_the_fake_batch_is_computed_once_for_both_players():
  """What `alternate` promises: its cost, counted by XLA, is that of one forward."""
  config = _config()
  goal, update, state = _setup(config)
  flops = lambda f, *args: jax.jit(f).lower(*args).compile().cost_analysis()["flops"]
  both = flops(update, state, _batch())
  # Players with keys of their own make two different fake batches.
  first, second = stage.players(config, goal)

  def apart(state, batch):
    keys = jax.random.split(jax.random.fold_in(state.key, state.step))
    state, _ = core.update_player(state, first, batch, keys[0])
    return core.update_player(state, second, batch, keys[1])

  assert both < 0.97 * flops(apart, state, _batch())
