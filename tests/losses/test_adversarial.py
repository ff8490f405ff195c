"""Adversarial losses against numbers worked by hand."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.losses import adversarial

REAL, FAKE = jnp.array([2.0, 0.0]), jnp.array([-1.0, 3.0])
SOFTPLUS = lambda x: math.log1p(math.exp(x))


@pytest.mark.parametrize(
  ("name", "discriminator", "generator"),
  [
    # Means over the two logits of each formula, by hand.
    (
      "non_saturating",
      (SOFTPLUS(-2) + SOFTPLUS(0)) / 2 + (SOFTPLUS(-1) + SOFTPLUS(3)) / 2,
      (SOFTPLUS(1) + SOFTPLUS(-3)) / 2,
    ),
    ("hinge", (0 + 1) / 2 + (0 + 4) / 2, -1.0),
    ("least_squares", ((1 + 1) / 2 + (1 + 9) / 2) / 2, (4 + 4) / 2 / 2),
    ("wasserstein", 1.0 - 1.0, -1.0),
    # Both means are 1: real - 1 = (1, -1), fake - 1 = (-2, 2).
    ("relativistic_hinge", (0 + 2) / 2 + (0 + 3) / 2, (3 + 0) / 2 + (2 + 0) / 2),
    # real - fake = (3, -3).
    (
      "relativistic_pairing",
      (SOFTPLUS(-3) + SOFTPLUS(3)) / 2,
      (SOFTPLUS(3) + SOFTPLUS(-3)) / 2,
    ),
  ],
)
def test_pairs(name, discriminator, generator):
  pair = adversarial.PAIRS[name]
  np.testing.assert_allclose(pair.discriminator(REAL, FAKE), discriminator, rtol=1e-6)
  np.testing.assert_allclose(pair.generator(REAL, FAKE), generator, rtol=1e-6)


def test_every_pair_is_tested_above():
  tested = {
    mark.args[1][i][0]
    for mark in test_pairs.pytestmark
    for i in range(len(mark.args[1]))
  }
  assert tested == set(adversarial.PAIRS)


def test_smoothing_lowers_only_the_real_target():
  loss = adversarial.non_saturating_discriminator(REAL, FAKE, smoothing=0.1)
  # Cross-entropy at target t is t softplus(-x) + (1 - t) softplus(x).
  real = sum(0.9 * SOFTPLUS(-x) + 0.1 * SOFTPLUS(x) for x in (2.0, 0.0)) / 2
  fake = (SOFTPLUS(-1) + SOFTPLUS(3)) / 2
  np.testing.assert_allclose(loss, real + fake, rtol=1e-6)


def test_flipped_pairs_exchange_their_targets():
  flipped = adversarial.non_saturating_discriminator(
    REAL, FAKE, smoothing=0.1, flipped=jnp.array([True, True])
  )
  exchanged = adversarial.non_saturating_discriminator(FAKE, REAL, smoothing=0.1)
  np.testing.assert_allclose(flipped, exchanged, rtol=1e-6)


@pytest.mark.parametrize("name", adversarial.PAIRS)
def test_finite_at_extreme_logits(name):
  pair = adversarial.PAIRS[name]
  for half in pair:
    grads = jax.grad(lambda x, half=half: half(*x))(
      (jnp.array([1e4, -1e4]), jnp.array([-1e4, 1e4]))
    )
    assert all(np.isfinite(g).all() for g in jax.tree.leaves(grads))


def test_penalties_of_a_linear_critic():
  w = jnp.array([3.0, 4.0]).reshape(1, 2, 1)  # The slope is w everywhere, of norm 5.
  critic = lambda x: jnp.sum(x * w, axis=(1, 2, 3))
  real, fake = jnp.ones((3, 1, 2, 1)), jnp.zeros((3, 1, 2, 1))
  np.testing.assert_allclose(adversarial.squared_slope(critic, real), 25.0, rtol=1e-6)
  np.testing.assert_allclose(
    adversarial.gradient_penalty(critic, jax.random.key(0), real, fake), 16.0, rtol=1e-5
  )


def test_between():
  real, fake = jnp.full((1, 2, 2, 3), 1.0), jnp.full((1, 2, 2, 3), -1.0)
  np.testing.assert_allclose(adversarial.between(0.75, real, fake), 0.5)


def test_penalty_is_taken_between_real_and_fake():
  critic = lambda x: jnp.sum(x**2, axis=(1, 2, 3)) / 2  # The slope is x itself.
  real, fake = jnp.ones((64, 1, 1, 1)), 3 * jnp.ones((64, 1, 1, 1))
  got = adversarial.gradient_penalty(critic, jax.random.key(0), real, fake)
  # E[(x - 1)^2] for x uniform in (1, 3) is 4 / 3.
  np.testing.assert_allclose(got, 4 / 3, rtol=0.15)


def test_penalty_has_a_finite_gradient_where_the_slope_vanishes():
  def penalty(w):
    critic = lambda x: jnp.sum(w * x, axis=(1, 2, 3))
    x = jnp.ones((2, 1, 2, 1))
    return adversarial.gradient_penalty(critic, jax.random.key(0), x, x)

  assert np.isfinite(jax.grad(penalty)(0.0))
