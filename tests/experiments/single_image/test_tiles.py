"""Tiles against the whole image: equal everywhere, seams and borders included."""

import jax
import numpy as np
import pytest

from jaxgan import errors
from jaxgan.experiments.single_image import consingan_tiles, tile_noise

SIZES = ((11, 14), (26, 31), (47, 61))


def _whole(source, noise):
  return source.generate([noise.whole(i) for i in range(3)], SIZES)


@pytest.mark.parametrize(
  ("mode", "start", "tile", "whole"),
  (
    ("generation", 0, 16, 10**6),  # Only the last stage in tiles.
    ("generation", 2, 25, 20),  # Two stages; fixed noise in both of the first.
    ("retarget", 0, 20, 20),
    ("retarget", 3, 50, 10**6),
  ),
)  # One tile as wide as the image, two high.
def test_tiles_are_the_whole_image(make, monkeypatch, mode, start, tile, whole):
  source = make(mode)
  noise = tile_noise.Noise(source, jax.random.key(0), SIZES, start)
  want = _whole(source, noise)
  monkeypatch.setattr(consingan_tiles, "WHOLE", whole)
  got = consingan_tiles.generate(source, noise, SIZES, tile=tile)
  assert got.shape == (1, 47, 61, 3)
  assert want.std() > 0.1
  np.testing.assert_allclose(got, want, atol=2e-5)


def test_tiles_only_where_needed(make, monkeypatch):
  source = make("generation")
  assert consingan_tiles.first_tiled(SIZES, 0) == 3
  assert consingan_tiles.first_tiled(SIZES, 16) == 2
  monkeypatch.setattr(consingan_tiles, "WHOLE", 47 * 61 - 1)
  assert consingan_tiles.first_tiled(SIZES, 0) == 2
  monkeypatch.setattr(consingan_tiles, "WHOLE", 30)
  assert consingan_tiles.first_tiled(SIZES, 0) == 1  # Stage 0 is always whole.
  monkeypatch.setattr(consingan_tiles, "WHOLE", 10**6)
  noise = tile_noise.Noise(source, jax.random.key(0), SIZES)
  np.testing.assert_array_equal(
    consingan_tiles.generate(source, noise, SIZES), _whole(source, noise)
  )


def test_noise_is_a_function_of_position(make, monkeypatch):
  monkeypatch.setattr(tile_noise, "_BLOCK", 8)
  tile_noise._draw.clear_cache()
  noise = tile_noise.Noise(make("generation"), jax.random.key(3), SIZES, 1)
  whole = noise.whole(2)
  assert whole.shape == (1, 53, 67, 5)
  np.testing.assert_array_equal(noise(2, (5, 9), (20, 31)), whole[:, 5:25, 9:40])
  outside = noise(2, (-3, 60), (10, 9))
  np.testing.assert_array_equal(outside[:, 3:, :7], whole[:, :7, 60:])
  assert not outside[:, :3].any()
  assert not outside[:, :, 7:].any()
  assert abs(whole.std() - 1) < 0.02
  tile_noise._draw.clear_cache()


def test_fixed_noise_is_the_reconstructions(make):
  source = make("generation")
  noise = tile_noise.Noise(source, jax.random.key(3), SIZES, 3)
  for got, want in zip(map(noise.whole, range(3)), source.fixed_at(SIZES), strict=True):
    np.testing.assert_allclose(got, want, atol=1e-5)


def test_statistics_of_the_whole_image_allow_no_tiles(make):
  source = make("retarget", batch_norm=True)
  noise = tile_noise.Noise(source, jax.random.key(0), SIZES)
  with pytest.raises(errors.UserError, match="batch_norm"):
    consingan_tiles.generate(source, noise, SIZES, tile=16)
  assert consingan_tiles.generate(source, noise, SIZES).shape == (1, 47, 61, 3)
