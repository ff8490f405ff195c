"""Patches of images against loops over pixels."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.ops import patches


def _draw(*shape, seed=0):
  return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize("wrap", (False, True))
@pytest.mark.parametrize("stride", (1, 2, 3))
@pytest.mark.parametrize("size", ((13, 16), (15, 11)))  # (13 - 5) % 3 is not 0.
def test_patches_left_as_they_are_give_the_image(size, stride, wrap):
  image = _draw(*size, 3)
  same = patches.replace(lambda x, row: x, image, 5, stride=stride, wrap=wrap)
  np.testing.assert_allclose(same, image, atol=1e-6)


def test_overlaps_are_averaged_by_the_window():
  image = _draw(9, 8, 2)
  places = [(i, j) for i in (0, 3, 5) for j in (0, 3, 4)]  # The last end at the border.
  u = np.exp(-0.5 * (np.linspace(-1, 1, 4) / 0.5) ** 2)
  window = np.outer(u, u)[..., None]
  total, weight = np.zeros((9, 8, 2)), np.zeros((9, 8, 1))
  for i, j in places:
    # A patch's first number tells which it is.
    total[i : i + 4, j : j + 4] += window * image[i, j, 0] * (1 + i)
    weight[i : i + 4, j : j + 4] += window
  function = lambda x, row: jnp.broadcast_to(x[:, :1] * (1 + row), x.shape)
  got = patches.replace(function, image, 4, stride=3, spread=0.5)
  np.testing.assert_allclose(got, total / weight, atol=1e-5)


def test_unfolded_patches_are_in_the_order_of_rows():
  image = _draw(6, 7, 3)
  got = patches.unfold(image, 4)
  want = [image[i : i + 4, j : j + 4].ravel() for i in range(3) for j in range(4)]
  np.testing.assert_array_equal(got, want)


def test_principal_directions_are_those_of_all_patches():
  image = _draw(12, 14, 1)
  image[:, :7] *= 0.1
  basis, share = jax.jit(lambda x: patches.principal(x, 3, 4))(image)
  found = np.asarray(patches.unfold(image, 3), np.float64)
  values, vectors = np.linalg.eigh(np.cov(found, rowvar=False))
  np.testing.assert_allclose(abs(vectors[:, -4:].T @ basis), np.eye(4), atol=1e-3)
  assert share == pytest.approx(values[-4:].sum() / values.sum(), rel=1e-4)
  _, share = patches.principal(jnp.ones((9, 9, 1)), 3, 4)
  assert share == pytest.approx(1)
