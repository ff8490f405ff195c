"""DCGAN's step: the published alternation, its options, the average, the rule."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.engine import core
from jaxgan.experiments.dcgan import learning_rate_rule, stage
from jaxgan.experiments.shared.players import NAMES
from jaxgan.losses import adversarial
from tests.experiments.changes import assert_every_array_changed


def test_one_step_is_the_published_alternation(plain, make_batch):
  """The discriminator learns from the fake batch; then the generator meets it."""
  setup, update, state = plain
  after, scalars = update(state, make_batch())
  key = jax.random.fold_in(jax.random.fold_in(state.key, state.step), 0)
  nets, real = setup.objective.nets, make_batch()["image"] / np.float32(127.5) - 1

  def apply(net, name, params, x):
    variables = {"params": params, **state.extra[name]}
    return net.apply(variables, x, train=True, mutable=["batch_stats"])[0]

  @jax.jit
  def expected(old, new):
    latents = nets.draw(jax.random.split(key, 6)[1], 4)
    fake = apply(nets.generator, "generator", old["generator"], latents)
    logits = lambda params, x: apply(nets.discriminator, "discriminator", params, x)
    loss_d, grads = jax.value_and_grad(
      lambda params: adversarial.non_saturating_discriminator(
        logits(params, real), logits(params, fake)
      )
    )(old["discriminator"])
    loss_g = jnp.mean(jax.nn.softplus(-logits(new["discriminator"], fake)))
    return loss_d, grads, loss_g

  loss_d, grads, loss_g = expected(state.params, after.params)
  np.testing.assert_allclose(scalars["loss_discriminator"], loss_d, rtol=1e-4)
  np.testing.assert_allclose(scalars["loss_generator"], loss_g, rtol=1e-4)
  # Adam's first step changes every weight by the learning rate against its gradient.
  for new, old, grad in zip(
    *map(
      jax.tree.leaves,
      (after.params["discriminator"], state.params["discriminator"], grads),
    ),
    strict=True,
  ):
    clear = np.abs(grad) > 1e-5
    np.testing.assert_allclose(
      (new - old)[clear], -2e-4 * np.sign(grad[clear]), rtol=2e-2
    )


def test_average_follows_the_generator_with_its_statistics(plain, make_batch):
  _, update, state = plain  # Without averaging, the average is the generator.
  after, _ = update(state, make_batch())
  for got, want in (
    (after.extra["ema"]["params"], after.params["generator"]),
    (after.extra["ema"]["batch_stats"], after.extra["generator"]["batch_stats"]),
  ):
    jax.tree.map(np.testing.assert_array_equal, got, want)


@pytest.mark.parametrize(
  "changes",
  [
    {
      "loss.name": "wasserstein",
      "loss.smoothing": 0.0,
      "loss.gradient_penalty": 10.0,
      "loss.r1": 1.0,
      "loss.r2": 1.0,
      "loss.penalized": 0.5,
      "loss.instance_noise": 0.1,
      "loss.noise_steps": 10,
      "discriminator.norm": "none",
      "updates_per_step.discriminator": 2,
    },
    {
      "conditional": True,
      "dtype": "bfloat16",
      "loss.augment": "color,translation,cutout",
      "loss.label_flip": 0.2,
      "discriminator.norm": "spectral",
      "optimizer.rule": True,
      "updates_per_step.generator": 2,
    },
  ],
  ids=lambda changes: next(iter(changes)),
)
def test_options_train_and_change_every_weight(
  make_config, make_batch, set_up, changes
):
  config = make_config(**changes)
  setup = set_up(config)
  state = jax.jit(setup.init)()
  batch = make_batch(4 * config.updates_per_step.discriminator)
  after, scalars = jax.jit(setup.update)(state, batch)
  assert all(np.isfinite(x) for x in scalars.values())
  for name in NAMES:
    assert_every_array_changed(state.params[name], after.params[name])


@pytest.mark.parametrize("penalized, count", [(1.0, 4), (0.5, 2), (0.0, 1)])
def test_slopes_are_penalized_at_real_and_generated_images(
  make_config, make_batch, set_up, penalized, count
):
  changes = {"loss.smoothing": 0.0, "discriminator.norm": "none", "data.flip": False}
  weights = {"loss.penalized": penalized, "loss.r1": 2.0, "loss.r2": 6.0}
  setup, plain = (
    set_up(make_config(**changes, **weights)),
    set_up(make_config(**changes)),
  )
  state, batch, key = jax.jit(setup.init)(), make_batch(), jax.random.key(3)
  arguments = state.params, state, batch, key
  loss, got = (
    jax.jit(x.objective.discriminator)(*arguments)[0] for x in (plain, setup)
  )
  images = jax.jit(setup.objective.forward)(*arguments)
  variables = {"params": state.params["discriminator"]}
  critic = lambda x: setup.objective.nets.discriminator.apply(variables, x, train=True)
  slope = lambda x: adversarial.squared_slope(critic, x[:count])
  want = loss + slope(images.real_images) + 3 * slope(images.fake_images)
  np.testing.assert_allclose(got, want, rtol=1e-5)
  assert got > loss + 1e-6


@pytest.mark.parametrize("loss", adversarial.PAIRS)
def test_every_loss_has_a_step(make_config, make_batch, set_up, loss):
  setup = set_up(make_config(**{"loss.name": loss, "loss.smoothing": 0.0}))
  state = jax.eval_shape(setup.init)
  after, scalars = jax.eval_shape(setup.update, state, make_batch())
  assert jax.tree.structure(after) == jax.tree.structure(state)
  assert scalars["loss_generator"].shape == ()


def test_the_fake_batch_is_computed_once_for_both_players(plain, make_batch):
  """What `alternate` promises: its cost, counted by XLA, is that of one forward."""
  setup, update, state = plain
  flops = lambda f, *args: f.lower(*args).compile().cost_analysis()["flops"]
  first, second = setup.players

  @jax.jit
  def with_keys_of_their_own(state, batch):
    keys = jax.random.split(jax.random.fold_in(state.key, state.step))
    state, _ = core.update_player(state, first, batch, keys[0])
    return core.update_player(state, second, batch, keys[1])

  batch = make_batch()
  assert flops(update, state, batch) < 0.97 * flops(
    with_keys_of_their_own, state, batch
  )


@pytest.mark.parametrize("player, per_step", [("discriminator", 2), ("generator", 1)])
def test_rates_fall_in_a_line_between_two_steps(make_config, player, per_step):
  changes = {
    "optimizer.decay_begin": 2,
    "optimizer.decay_end": 4,
    f"optimizer.{player}.learning_rate": 0.1,
    f"updates_per_step.{player}": per_step,
  }
  optimizer = stage.create_optimizer(make_config(**changes), player)
  state, moved = optimizer.init(jnp.ones(())), []
  for _ in range(5 * per_step):  # Gradients that stay the same move Adam by its rate.
    update, state = optimizer.update(jnp.ones(()), state)
    moved.append(-float(update))
  want = np.interp(np.arange(5 * per_step) / per_step, [2, 4], [0.1, 0.0])
  np.testing.assert_allclose(moved, want, rtol=1e-5, atol=1e-9)


def test_learning_rate_rule_halves_once_in_five_epochs_down_to_a_sixteenth():
  memory = learning_rate_rule.init()
  follow = jax.jit(learning_rate_rule.follow, static_argnums=3)
  factors = []
  for step in range(1, 201):  # Epochs of 4 steps, a discriminator that is too strong.
    memory = follow(memory, np.array([0.1, 1.0], np.float32), np.float32(step), 4)
    factors.append(float(memory["factor"]))
  changes = [i + 1 for i in range(1, 200) if factors[i] != factors[i - 1]]
  assert changes == [20, 40, 60, 80]
  assert factors[-1] == 1 / 16


def test_learning_rate_rule_leaves_balanced_losses_alone():
  memory = learning_rate_rule.init()
  follow = jax.jit(learning_rate_rule.follow, static_argnums=3)
  random = np.random.default_rng(0)
  for step in range(1, 201):
    losses = np.array([1.2, 1.0]) + 0.1 * random.normal(size=2)
    memory = follow(memory, losses.astype(np.float32), np.float32(step), 4)
  assert memory["factor"] == 1.0
