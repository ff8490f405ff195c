"""Siamese losses against numbers worked by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.losses import transformation

# Norms 5, 13, 0 and 1.
_VECTORS = np.array([[3.0, 4.0], [-5.0, 12.0], [0.0, 0.0], [0.0, -1.0]], np.float32)


def test_norms_and_realness():
  np.testing.assert_allclose(transformation.norms(_VECTORS), [5, 13, 0, 1], atol=2e-6)
  np.testing.assert_allclose(transformation.realness(_VECTORS), (25 + 169 + 0 + 1) / 4)


@pytest.mark.parametrize(
  ("least", "want"),
  [(2.0, (0 + 0 + 4 + 1) / 4), (6.0, (1 + 0 + 36 + 25) / 4), (0.5, 0.25 / 4)],
)
def test_margin(least, want):
  np.testing.assert_allclose(transformation.margin(_VECTORS, least), want, rtol=1e-5)


def test_balance_of_a_discriminator_that_cannot_tell():
  """At |v| = c / 2 the sum of both losses is least, and each is c^2 / 4."""
  both = lambda r: (
    transformation.realness(r[None, None]) + transformation.margin(r[None, None], 2.0)
  )
  np.testing.assert_allclose(transformation.realness(jnp.ones((3, 1))), 1.0, rtol=1e-6)
  np.testing.assert_allclose(
    transformation.margin(jnp.ones((3, 1)), 2.0), 1.0, rtol=1e-6
  )
  np.testing.assert_allclose(jax.grad(both)(jnp.float32(1.0)), 0.0, atol=1e-5)


def test_differences_are_with_the_next_in_the_batch():
  np.testing.assert_array_equal(
    transformation.differences(_VECTORS), [[8, -8], [-5, 12], [0, 1], [-3, -5]]
  )
  np.testing.assert_array_equal(
    transformation.differences(_VECTORS, 2), [[3, 4], [-5, 13], [-3, -4], [5, -13]]
  )
  for shift in (0, 4):
    with pytest.raises(ValueError, match="partners"):
      transformation.differences(_VECTORS, shift)


def test_cosine_and_travel():
  u = np.array([[3.0, 4.0], [1.0, 0.0], [0.0, 2.0], [0.0, 0.0]], np.float32)
  w = np.array([[4.0, 3.0], [0.0, 5.0], [0.0, -7.0], [1.0, 1.0]], np.float32)
  want = [24 / 25, 0, -1, 0]
  np.testing.assert_allclose(transformation.cosine(u, w), want, atol=1e-6)
  # The more the differences agree, the lower the loss.
  np.testing.assert_allclose(transformation.travel(u, w), 0.01, atol=1e-6)
  np.testing.assert_allclose(transformation.travel(u[:3], u[:3]), -1.0, atol=1e-6)


def test_separation_and_magnitude():
  u = np.array([[3.0, 4.0], [0.0, 1.0]], np.float32)
  np.testing.assert_allclose(transformation.separation(u, 2.0), 0.5, rtol=1e-5)
  np.testing.assert_allclose(transformation.magnitude(u, np.zeros((2, 2))), 26 / 4)


@pytest.mark.parametrize(
  "loss",
  [
    transformation.realness,
    lambda v: transformation.margin(v, 2.0),
    lambda v: transformation.travel(v, v),
    lambda v: transformation.travel(v, jnp.ones_like(v)),
    lambda v: transformation.separation(transformation.differences(v), 2.0),
    lambda v: transformation.magnitude(v, 2 * v),
  ],
)
def test_gradients_are_finite_at_zero_vectors(loss):
  slope = jax.grad(loss)(jnp.zeros((3, 5)))
  assert np.isfinite(slope).all()


def test_gradients_point_where_they_should():
  v = jnp.array([[0.6, 0.8], [0.0, 1.5]])
  assert (
    jax.grad(transformation.realness)(v) * v
  ).sum() > 0  # Descent shortens vectors...
  slope = jax.grad(lambda v: transformation.margin(v, 2.0))(v)
  assert ((slope * v).sum(-1) < 0).all()  # ...or lengthens them.
