"""What of an image is copied from another, by brute force."""

import tracemalloc

import numpy as np
import pytest

from jaxgan.metrics import copies


def _draw(*shape, seed=0):
  return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def _brute_force(real, fake, size, stride):
  patches = lambda image, step: [
    image[i : i + size, j : j + size].astype(np.float64)
    for i in range(0, image.shape[0] - size + 1, step)
    for j in range(0, image.shape[1] - size + 1, step)
  ]
  others = patches(real, 1)
  return np.mean(
    [
      min(np.sqrt(np.square(patch - other).mean()) for other in others)
      for patch in patches(fake, stride)
    ]
  )


@pytest.mark.parametrize("block", (5, 512))
def test_patch_distance_is_the_nearest_patchs(monkeypatch, block):
  monkeypatch.setattr(copies, "_BLOCK", block)
  real, fake = _draw(13, 17, 3), _draw(11, 19, 3, seed=1)
  got = copies.match(real, fake, size=4, stride=3)
  assert got.distance == pytest.approx(_brute_force(real, fake, 4, 3), rel=1e-4)


def test_patch_distance_of_rearranged_and_copied_images():
  real = _draw(24, 24, 3)
  moved = np.concatenate([real[12:], real[:12]])
  assert copies.match(real, real, size=20).distance < 0.1
  assert copies.match(real, moved, size=4, stride=4).distance < 0.1
  assert copies.match(real, moved, size=20).distance > 50
  with pytest.raises(ValueError, match="do not fit"):
    copies.match(real, moved, size=25)


def test_what_is_in_place():
  real = _draw(24, 24, 3)
  fake = np.concatenate([real[:12], np.roll(real[12:], 7, axis=1)])
  found = copies.match(real, fake, size=6, stride=6)
  assert found.in_place() == 0.5
  assert found.offsets[:8].tolist() == [[0, 0]] * 8
  # Of four in a row the first comes from the other end, and the second is cut in two.
  assert found.offsets[-2:].tolist() == [[0, -7]] * 2
  assert found.in_place(reach=7) >= 0.75
  shifted = copies.match(real, np.roll(real, (6, 6), axis=(0, 1)), size=6, stride=6)
  assert shifted.in_place() == 0
  assert shifted.moved_as_one() == 9 / 16  # All but the first row and column.


@pytest.mark.parametrize("reach", (0, 1, 3))
@pytest.mark.parametrize("spread", (1, 4, 40))
def test_the_largest_piece_by_pairs(spread, reach):
  offsets = np.random.default_rng(spread).integers(-spread, spread + 1, (50, 2))
  offsets[:, 1] *= 2
  apart = abs(offsets[:, None] - offsets).max(2)
  want = (apart <= reach).mean(1).max()
  assert copies.Matches(np.zeros(50), offsets).moved_as_one(reach) == want


def test_the_largest_piece_of_many_patches_needs_little_memory():
  offsets = np.random.default_rng(0).integers(-300, 300, (10_000, 2))
  tracemalloc.start()
  share = copies.Matches(np.zeros(10_000), offsets).moved_as_one()
  peak = tracemalloc.get_traced_memory()[1]
  tracemalloc.stop()
  assert 0 < share < 0.01
  assert peak < 32 * 2**20  # Pairs would take 2.4 GB.


def test_patch_distance_holds_few_windows_at_once(monkeypatch):
  """However large the image, matrices of windows stay under 2^23 numbers and a row."""
  seen = []
  minimum = np.minimum

  def watch(best, distances):
    seen.append(distances.shape)
    return minimum(best, distances)

  monkeypatch.setattr(copies.np, "minimum", watch)
  real = np.zeros((100, 300, 3), np.uint8)
  copies.match(real, real[:40, :40], size=32, stride=8)
  assert len(seen) > 5
