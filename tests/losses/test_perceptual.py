"""Gram matrices, content and style losses against NumPy and numbers by hand."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.losses import perceptual


def _random(*shape, seed=0):
  return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_gram_against_numpy():
  x = _random(2, 3, 5, 4)
  want = np.einsum("nhwc,nhwd->ncd", x, x) / 15
  np.testing.assert_allclose(perceptual.gram(x), want, rtol=1e-5, atol=1e-6)


def test_gram_by_hand():
  x = jnp.array([[[[1.0, 2.0]], [[3.0, -1.0]]]])  # Two pixels of two channels.
  np.testing.assert_allclose(perceptual.gram(x)[0], [[5.0, -0.5], [-0.5, 2.5]])


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_losses_of_single_images_and_their_powers(scale):
  """Content grows with the square of the features, style with the fourth power."""
  x, y = _random(2, 4, 4, 3), _random(2, 4, 4, 3, seed=1)
  grams = perceptual.gram(y)
  content = perceptual.content({"a": scale * x, "b": y}, {"a": scale * y}, {"a": 2.0})
  np.testing.assert_allclose(
    content["a"], 2 * scale**2 * ((x - y) ** 2).mean((1, 2, 3)), rtol=1e-5
  )
  style = perceptual.style({"a": scale * x}, {"a": scale**2 * grams}, {"a": 0.5})
  want = 0.5 * scale**4 * ((perceptual.gram(x) - grams) ** 2).mean((1, 2))
  np.testing.assert_allclose(style["a"], want, rtol=1e-4)
  assert style["a"].shape == (2,)


def test_style_does_not_depend_on_places():
  x = _random(1, 4, 4, 3)
  moved = x.reshape(1, 16, 3)[:, ::-1].reshape(x.shape)
  style = perceptual.style({"a": moved}, {"a": perceptual.gram(x)}, {"a": 1.0})
  np.testing.assert_allclose(style["a"], 0, atol=1e-10)


def test_total_variation_by_hand():
  x = jnp.array([[0.0, 1.0], [2.0, 5.0]])[None, :, :, None]
  want = (4 + 16) / 2 + (1 + 9) / 2
  np.testing.assert_allclose(perceptual.total_variation(x), [want])
  np.testing.assert_allclose(perceptual.total_variation(jnp.ones((2, 1, 1, 3))), [0, 0])
