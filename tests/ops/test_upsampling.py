"""Feature upsampling against PyTorch's."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.ops import upsampling

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
      upsampling.bicubic(jnp.asarray(x), size), want, atol=1e-5
    )


def test_corners_stay_and_shrinking_works():
  x = np.random.default_rng(0).normal(size=(2, 9, 7, 3)).astype(np.float32)
  for size in ((20, 15), (4, 3), (1, 1)):
    y = np.asarray(upsampling.bicubic(jnp.asarray(x), size))
    assert y.shape == (2, *size, 3)
    np.testing.assert_allclose(y[:, 0, 0], x[:, 0, 0], atol=1e-6)
  np.testing.assert_allclose(upsampling.matrix(9, 20).sum(1), 1, atol=1e-6)
