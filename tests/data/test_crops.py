"""Windows depend on seed and step alone, and are seldom flat."""

import numpy as np
import pytest

from jaxgan.data import crops, mixed


def _images(*images):
  shapes = np.array([x.shape[:2] for x in images])
  starts = np.cumsum([0, *(x.size for x in images)])[:-1]
  return mixed.Mixed(
    np.concatenate([x.ravel() for x in images]),
    shapes,
    starts,
    [str(i) for i in range(len(images))],
  )


def _coordinates(height, width, index):
  """An image whose pixels say where they are."""
  y, x = np.mgrid[:height, :width]
  return np.stack((y, x, np.full_like(x, index)), -1).astype(np.uint8)


def test_windows_are_cut_from_all_places_of_all_images():
  read = crops.windows(
    _images(_coordinates(9, 12, 0), _coordinates(8, 30, 1)),
    batch_size=50,
    side=8,
    seed=0,
  )
  windows = read(0, 20).reshape(-1, 8, 8, 3)
  corners = {tuple(x) for x in windows[:, 0, 0].tolist()}
  assert corners == {(y, x, 0) for y in range(2) for x in range(5)} | {
    (0, x, 1) for x in range(23)
  }
  for window in windows[:20]:
    np.testing.assert_array_equal(window - window[0, 0], _coordinates(8, 8, 0))
  assert abs((windows[:, 0, 0, 2] == 1).mean() - 0.5) < 0.05


def test_a_step_is_the_same_however_it_is_read():
  images = _images(_coordinates(40, 40, 0))
  read = crops.windows(images, batch_size=3, side=8, seed=5)
  np.testing.assert_array_equal(read(4, 3), read(0, 9)[4:7])
  other = crops.windows(images, batch_size=3, side=8, seed=6)
  stream = crops.windows(images, batch_size=3, side=8, seed=5, stream=1)
  assert (other(0, 9) != read(0, 9)).any()
  assert (stream(0, 9) != read(0, 9)).any()


def test_flat_windows_are_drawn_again():
  flat = np.full((16, 16, 3), 90, np.uint8)
  busy = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
  images = _images(flat, flat, busy)
  plain = crops.windows(images, batch_size=200, side=8, seed=0)(0, 1)[0]
  chosen = crops.windows(images, batch_size=200, side=8, seed=0, least_std=0.03)(0, 1)[
    0
  ]
  share = lambda x: (x.std((1, 2)).max(-1) == 0).mean()
  assert 0.55 < share(plain) < 0.78
  assert share(chosen) < 0.05  # (2 / 3)^11 = 0.012.
  # All flat: ten more tries, then one is taken all the same.
  only = crops.windows(_images(flat), batch_size=2, side=8, seed=0, least_std=0.03)
  np.testing.assert_array_equal(only(0, 1), 90)


def test_images_must_be_large_enough():
  with pytest.raises(ValueError, match="windows of 8"):
    crops.windows(_images(_coordinates(7, 30, 0)), batch_size=1, side=8, seed=0)
