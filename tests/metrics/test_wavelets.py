"""The Frechet wavelet distance against its authors' program."""

import numpy as np
import pytest

from jaxgan.metrics import wavelets


def draw(*shape, seed, low=0, high=256):
  return np.random.default_rng(seed).integers(low, high, shape, dtype=np.uint8)


@pytest.mark.parametrize(
  ("counts", "shape", "want"),
  [
    ((64, 80), (16, 16, 3), 1.5990851686994931),  # Level 2.
    ((60, 60), (32, 24, 1), 1.7679213068363047),  # Level 2.
    ((60, 60), (32, 32, 3), 1.7418802987564126),  # Level 3.
  ],
)
def test_golden_numbers(counts, shape, want):
  """By compute_packet_statistics and the mean of calculate_frechet_distance of PyPI's
  pytorchfwd 1.0.1 (ptwt 0.1.8), wavelet Haar, of these levels, images over 255.
  """
  a = draw(counts[0], *shape, seed=0)
  b = draw(counts[1], *shape, seed=1, low=40, high=200)
  assert wavelets.distance(a, b).value == pytest.approx(want, rel=1e-9)


def test_packets_are_halved_by_the_images_size():
  levels = {8: 1, 16: 2, 28: 2, 32: 3, 63: 3, 64: 4, 96: 4, 256: 4, 257: 5, 512: 5}
  assert {side: wavelets.choose_level((side, side)) for side in levels} == levels
  assert wavelets.choose_level((32, 64)) == 3
  assert "level 4" in wavelets.protocol((96, 96))


def test_one_level_by_hand():
  """Flat images of gray x: the mean is 2 x, in one of four packets, at 4 pixels."""
  a = np.arange(0, 60, 10, dtype=np.uint8)[:, None, None, None]
  a = a * np.ones((1, 4, 4, 1), np.uint8)
  b = a + np.uint8(51)  # A fifth: 4 pixels of (2 / 5)^2, over four packets.
  assert wavelets.distance(a, b).value == pytest.approx(0.16)


def test_other_sizes_are_mirrored_at_their_ends():
  a, b = draw(40, 6, 7, 3, seed=0), draw(40, 6, 7, 3, seed=1, high=128)
  whole = [np.pad(x, ((0, 0), (0, 0), (0, 1), (0, 0)), "symmetric") for x in (a, b)]
  assert wavelets.distance(a, b) == wavelets.distance(*whole)


def test_what_no_mean_or_palette_shows():
  """Checkerboards, to which most means of features are blind."""
  a = draw(60, 16, 16, 3, seed=0, low=100, high=150)
  board = np.indices((16, 16)).sum(0)[..., None] % 2
  signs = np.random.default_rng(2).choice([-8, 8], (60, 1, 1, 1))
  b = (draw(60, 16, 16, 3, seed=1, low=100, high=150) + signs * board).astype(np.uint8)
  none = draw(60, 16, 16, 3, seed=3, low=100, high=150)
  assert wavelets.distance(a, b).value > 1.1 * wavelets.distance(a, none).value


def test_interval_is_that_of_repeated_draws():
  def images(rng, mean):
    levels = rng.normal(mean, 30, (50, 1, 1, 1))
    return (levels + rng.normal(0, 10, (50, 4, 4, 1))).clip(0, 255).astype(np.uint8)

  rng = np.random.default_rng(4)
  draws = [wavelets.distance(images(rng, 90), images(rng, 140)) for _ in range(200)]
  values, intervals = np.transpose(draws)
  # 200 draws tell a standard deviation within 10 % (two standard errors).
  assert intervals.mean() == pytest.approx(1.96 * values.std(ddof=1), rel=0.2)


def test_images_of_other_sizes_are_refused():
  with pytest.raises(ValueError, match="against"):
    wavelets.distance(draw(9, 8, 8, 3, seed=0), draw(9, 8, 8, 1, seed=0))
