"""The penalty per pixel against the gradient taken through the gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.losses import gradient_penalty


def _critic(weights, x):
  """Two layers; the nonlinearity is smooth, so that second derivatives matter."""
  x = jnp.tanh(jnp.einsum("nhwc,cf->nhwf", x, weights["first"]) + weights["bias"])
  x = x * jnp.roll(x, 1, 1) + x
  return x @ weights["second"]


def _weights():
  random = np.random.default_rng(0)
  draw = lambda *shape: jnp.asarray(random.normal(size=shape), jnp.float32)
  return {"first": draw(3, 5), "bias": draw(5), "second": draw(5, 1)}, draw(2, 6, 7, 3)


def _through(weights, images):
  slope = jax.grad(lambda x: _critic(weights, x).sum())(images)
  return jnp.mean((jnp.sqrt(jnp.sum(slope**2, -1)) - 1) ** 2)


def test_value_and_gradient():
  weights, images = _weights()
  got = jax.value_and_grad(lambda w: gradient_penalty.per_pixel(_critic, w, images))(
    weights
  )
  want = jax.value_and_grad(_through)(weights, images)
  for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_a_flat_critic_has_a_finite_gradient():
  weights, images = _weights()
  weights["second"] = jnp.zeros((5, 1))
  value, grads = jax.value_and_grad(
    lambda w: gradient_penalty.per_pixel(_critic, w, images)
  )(weights)
  assert value == 1
  assert all(np.isfinite(x).all() for x in jax.tree.leaves(grads))


def test_is_pytorchs():
  torch = pytest.importorskip("torch", reason="its autograd is the reference")
  weights, images = _weights()
  named = {
    name: torch.tensor(np.asarray(x), requires_grad=True) for name, x in weights.items()
  }
  x = torch.tensor(np.asarray(images), requires_grad=True)
  hidden = torch.tanh(x @ named["first"] + named["bias"])
  scores = (hidden * torch.roll(hidden, 1, 1) + hidden) @ named["second"]
  (slope,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
  penalty = ((slope.norm(2, dim=3) - 1) ** 2).mean()
  penalty.backward()
  value, grads = jax.value_and_grad(
    lambda w: gradient_penalty.per_pixel(_critic, w, images)
  )(weights)
  np.testing.assert_allclose(value, penalty.detach(), rtol=1e-5)
  for name, grad in grads.items():
    np.testing.assert_allclose(grad, named[name].grad, rtol=1e-4, atol=1e-6)
