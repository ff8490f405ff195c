"""Images at twice and half the size, against other programs' numbers."""

import jax
import numpy as np
import pytest

from jaxgan.ops import doubling


def _random(*shape):
  return np.random.default_rng(0).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("shape", [(5, 6), (1, 1), (1, 3)])
@pytest.mark.parametrize("method", ["nearest", "bilinear"])
def test_doubling_is_the_librarys(shape, method):
  x = _random(2, *shape, 3)
  want = jax.image.resize(x, (2, 2 * shape[0], 2 * shape[1], 3), method)
  np.testing.assert_allclose(getattr(doubling, method)(x), want, atol=1e-5)


@pytest.mark.parametrize("shape", [(6, 4), (5, 7)])
def test_blurring_is_a_convolution(shape):
  """Every second output of [1, 2, 1] / 4 both ways, borders mirrored."""
  x = _random(1, *shape, 1)
  padded = np.pad(x[0, ..., 0], 1, "reflect")
  kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
  windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))[::2, ::2]
  want = (windows * kernel).sum((2, 3))
  np.testing.assert_allclose(doubling.blur(x)[0, ..., 0], want, atol=1e-6)
