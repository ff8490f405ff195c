"""Tiles of images of any size: whatever is not changed comes back as it was."""

import numpy as np
import pytest

from jaxgan.errors import UserError
from jaxgan.images import stream, tiles

_SIZES = [(16, 24), (19, 30), (8, 8), (9, 17), (23, 8)]


def _image(height, width, channels=3):
  return (
    np.random.default_rng(0)
    .integers(0, 256, (height, width, channels))
    .astype(np.uint8)
  )


def _grid(image, border, tile=8):
  rows = iter(image)
  read = lambda n: np.array([next(rows) for _ in range(n)], np.uint8).reshape(
    n, *image.shape[1:]
  )
  return tiles.Tiling(stream.Bands(*image.shape, read), tile, border)


def _through(image, border, change=lambda tiles: tiles, tile=8):
  grid = _grid(image, border, tile)
  return np.concatenate(list(grid.join(map(change, grid.tiles()))))


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("size", _SIZES)
@pytest.mark.parametrize("border", tiles.BORDERS)
def test_an_identity_gives_the_image_back(border, size, channels):
  image = _image(*size, channels)
  want = image
  if border == "paper":
    want = image[: size[0] // 8 * 8, : size[1] // 8 * 8]
  np.testing.assert_array_equal(_through(image, border), want)


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (5, 7)])
@pytest.mark.parametrize("border", ["pad", "blend"])
def test_images_smaller_than_a_tile(border, size):
  image = _image(*size)
  np.testing.assert_array_equal(_through(image, border), image)


def test_pad_shows_the_generator_a_mirrored_edge():
  image = _image(11, 13)
  tiles = np.concatenate(list(_grid(image, "pad").tiles()))
  padded = np.pad(image, ((0, 5), (0, 3), (0, 0)), "reflect")
  assert len(tiles) == 4
  np.testing.assert_array_equal(tiles[3], padded[8:, 8:])
  np.testing.assert_array_equal(tiles[1], padded[:8, 8:])


def test_anchor_shows_the_generator_the_image_alone():
  image = _image(11, 13)
  tiles = np.concatenate(list(_grid(image, "anchor").tiles()))
  np.testing.assert_array_equal(tiles[3], image[-8:, -8:])
  # Every tile of one color: the last keeps what the others do not cover.
  count = iter(range(1, 9))
  painted = _through(
    image,
    "anchor",
    lambda tiles: np.stack([np.full((8, 8, 3), next(count), np.uint8) for _ in tiles]),
  )
  want = np.ones((11, 13), int)
  want[:8, 8:], want[8:, :8], want[8:, 8:] = 2, 3, 4
  np.testing.assert_array_equal(painted[..., 0], want)


def test_blend_fades_from_tile_to_tile():
  """Tiles of 0 and 160 by turns: the result follows the square of a cosine."""
  grid = _grid(_image(8, 16), "blend")
  assert grid.columns.starts == [-4, 0, 4, 8, 12]
  row = np.stack([np.full((8, 8, 3), 160 * (i % 2), np.uint8) for i in range(5)])
  (first, _) = grid.join(row for _ in grid.tiles())
  fade = 160 * np.sin(np.pi * np.arange(4) / 8) ** 2
  want = np.rint(np.concatenate((fade, 160 - fade, fade, 160 - fade)))
  np.testing.assert_allclose(first[..., 0], np.broadcast_to(want, (4, 16)), atol=1)


@pytest.mark.parametrize(
  ("border", "size", "named"),
  [
    ("paper", (7, 30), "use pad"),
    ("anchor", (30, 7), "use pad"),
    ("bled", (30, 30), "'blend'"),
  ],
)
def test_what_cannot_be_tiled(border, size, named):
  with pytest.raises(UserError, match=named):
    _grid(_image(*size), border)


@pytest.mark.parametrize("length", [1, 2, 5])
def test_reflection_is_numpys(length):
  index = np.arange(-12, length + 12)
  want = np.pad(np.arange(length), (12, 12), "reflect")
  np.testing.assert_array_equal(tiles.reflect(index, length), want)
