"""Resampling against PyTorch's, and against a loop over pixels."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.ops import resampling

SIZES = ((25, 38), (31, 47), (41, 61), (60, 89), (115, 171), (167, 250))


@pytest.mark.parametrize("border", [0, 2, 6])
def test_is_pytorchs_for_all_transitions(border):
  torch = pytest.importorskip("torch", reason="its interpolation is the reference")
  rng = np.random.default_rng(0)
  for before, after in itertools.pairwise(SIZES):
    x = rng.normal(size=(1, *before, 2)).astype(np.float32)
    size = tuple(side + border for side in (before if border == 2 else after))
    want = (
      torch.nn.functional.interpolate(
        torch.tensor(x.transpose(0, 3, 1, 2)).double(),
        size,
        mode="bicubic",
        align_corners=True,
      )
      .numpy()
      .transpose(0, 2, 3, 1)
    )
    np.testing.assert_allclose(
      resampling.bicubic(jnp.asarray(x), size), want, atol=1e-5
    )


def test_corners_stay_and_shrinking_works():
  x = np.random.default_rng(0).normal(size=(2, 9, 7, 3)).astype(np.float32)
  for size in ((20, 15), (4, 3), (1, 1)):
    y = np.asarray(resampling.bicubic(jnp.asarray(x), size))
    assert y.shape == (2, *size, 3)
    np.testing.assert_allclose(y[:, 0, 0], x[:, 0, 0], atol=1e-6)
  np.testing.assert_allclose(resampling.aligned_cubic(9, 20).sum(1), 1, atol=1e-6)


def test_borders_by_hand():
  half = resampling.antialiased_cubic(12, 6, 0.5, border="reference")
  np.testing.assert_allclose(
    half[0, :5], [0.4644, 0.4644, 0.1213, -0.0377, -0.0126], atol=5e-5
  )
  mirrored = resampling.antialiased_cubic(12, 6, 0.5)
  np.testing.assert_allclose(mirrored[0], mirrored[-1][::-1], atol=1e-12)
  # Duplicates of the border: weights .4336 .4336 .1133 -.0352 -.0117 folded inwards.
  np.testing.assert_allclose(
    mirrored[-1][::-1][:4],
    [0.4336 + 0.1133, 0.4336 - 0.0352, 0.1133 - 0.0117, -0.0352],
    atol=1e-4,
  )


def test_resample_of_numpy_is_that_of_jax():
  random = np.random.default_rng(0)
  x = random.normal(size=(2, 3, 9, 7, 4)).astype(np.float32)
  rows, columns = random.normal(size=(5, 9)), random.normal(size=(8, 7))
  got = resampling.resample(x, rows, columns)
  assert isinstance(got, np.ndarray)
  np.testing.assert_allclose(
    got, np.einsum("hH,nmHWc,wW->nmhwc", rows, x, columns), rtol=1e-10
  )
  with_jax = resampling.resample(jnp.asarray(x), rows, columns)
  assert isinstance(with_jax, jnp.ndarray)
  np.testing.assert_allclose(with_jax, got, atol=1e-4)
