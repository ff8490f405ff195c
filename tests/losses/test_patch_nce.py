"""PatchNCE against numbers worked by hand."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.losses.patch_nce import patch_nce

QUERIES = np.array([[[1, 0], [0.6, 0.8], [0, 1]]], np.float32)
KEYS = np.array([[[0.8, 0.6], [0, 1], [1, 0]]], np.float32)


@pytest.mark.parametrize(
  ("temperature", "same", "exchanged"),
  [(0.07, 6.248748e-7, 14.285715), (1.0, 0.313262, 1.313262)],
)
def test_orthogonal_patches(temperature, same, exchanged):
  one = np.eye(2, dtype=np.float32)[None]
  np.testing.assert_allclose(patch_nce(one, one, temperature), same, atol=1e-6)
  got = patch_nce(one, one[:, ::-1], temperature)
  np.testing.assert_allclose(got, exchanged, rtol=1e-6)


@pytest.mark.parametrize(("temperature", "want"), [(0.5, 1.521867), (0.07, 6.529951)])
def test_patches_that_are_alike_in_part(temperature, want):
  np.testing.assert_allclose(patch_nce(QUERIES, KEYS, temperature), want, rtol=1e-6)


def test_where_all_are_alike_it_is_the_logarithm():
  x = jnp.ones((1, 256, 4)) / 2
  np.testing.assert_allclose(patch_nce(x, x), np.log(256), rtol=1e-6)


def test_only_the_same_image_is_compared_with():
  queries, keys = (np.concatenate((x, x[:, ::-1])) for x in (QUERIES, KEYS))
  np.testing.assert_allclose(patch_nce(queries, keys, 0.5), 1.521867, rtol=1e-6)
