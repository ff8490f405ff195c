"""DISTS against its authors' program."""

import numpy as np
import pytest
from safetensors import safe_open

from jaxgan.features import dists, lpips


def _images(n, seed):
  coarse = np.random.default_rng(seed).integers(0, 256, (n, 4, 4, 3))
  return coarse.repeat(8, 1).repeat(8, 2).astype(np.uint8)


A = _images(2, 0)


@pytest.mark.parametrize(
  ("a", "b", "want"),
  [
    (_images(3, 0), _images(3, 1), (0.21583694, 0.24596727, 0.18516856)),
    (A[:, :31, :27], A[:, 1:, 5:] // 2 + 30, (0.18505442, 0.22470629)),  # Odd sides.
  ],
)
def test_golden_numbers(a, b, want):
  """By the class DISTS of PyPI's DISTS_pytorch 0.1, with torchvision's VGG16."""
  np.testing.assert_allclose(dists.distances(a, b), want, atol=1e-5)


def test_texture_for_texture():
  """To LPIPS another sample of the same noise is farther than its blur, to DISTS less
  so.
  """
  noise = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
  blurred = ((noise.astype(int) + np.roll(noise, 1, 1)) // 2).astype(np.uint8)
  pairs = np.stack([noise[0]] * 2), np.stack([noise[1], blurred[0]])
  resampled, smooth = dists.distances(*pairs) / lpips.distances(*pairs)
  assert resampled < 0.8 * smooth
  np.testing.assert_allclose(dists.distances(noise, noise), 0, atol=1e-6)
  with pytest.raises(ValueError, match="pairs"):
    dists.distances(noise, noise[:1])


def test_the_weights_say_where_they_are_from():
  path = dists.WEIGHTS
  with safe_open(path, "numpy") as file:
    assert "MIT" in file.metadata()["license"]
    assert "DISTS_pytorch 0.1" in file.metadata()["source"]
  assert "Copyright (c) 2020 Keyan Ding" in path.with_suffix(".LICENSE").read_text()
