"""Sets of images of mixed sizes: packed once, unchanged, damaged files left out."""

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.data import mixed, sources
from jaxgan.drawing import domains


def _image(height, width, seed=0):
  return (
    np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
  )


@pytest.fixture
def folder(tmp_path):
  place = tmp_path / "images"
  (place / "more").mkdir(parents=True)
  Image.fromarray(_image(20, 30)).save(place / "a.png")
  Image.fromarray(_image(17, 9, 1)).save(place / "more" / "b.png")
  (place / "broken.jpg").write_bytes(b"no image")
  return place


def test_images_keep_their_sizes_and_pixels(folder, tmp_path):
  images = mixed.load(str(folder), cache=str(tmp_path))
  assert images.names == ["a.png", "more/b.png"]
  np.testing.assert_array_equal(images[0], _image(20, 30))
  np.testing.assert_array_equal(images[1], _image(17, 9, 1))
  assert len(images.select([1])) == 1
  np.testing.assert_array_equal(images.select([1])[0], images[1])
  assert np.shares_memory(images[0], images.pixels)


def test_the_second_time_nothing_is_decoded(folder, tmp_path):
  mixed.load(str(folder), cache=str(tmp_path))
  before = list((tmp_path / "data").iterdir())
  (path,) = before
  content = (path / "pixels.bin").read_bytes()
  (path / "pixels.bin").write_bytes(content[:-1])  # Damaged: packed anew.
  again = mixed.load(str(folder), cache=str(tmp_path))
  np.testing.assert_array_equal(again[1], _image(17, 9, 1))
  assert list((tmp_path / "data").iterdir()) == before


def test_small_images_are_enlarged_and_large_ones_scaled(folder, tmp_path):
  images = mixed.load(str(folder), scale=0.5, least=12, cache=str(tmp_path))
  # 20x30 at 0.6 rather than 0.5, and 17x9 at 12 / 9.
  np.testing.assert_array_equal(images.shapes, [[12, 18], [23, 12]])
  assert mixed.load(str(folder), scale=0.5, cache=str(tmp_path)).shapes.tolist() == [
    [10, 15],
    [8, 4],
  ]


def test_one_image_is_a_set_of_one(folder, tmp_path):
  (image,) = mixed.load(str(folder / "a.png"), cache=str(tmp_path / "cache"))
  np.testing.assert_array_equal(image, _image(20, 30))
  assert not (tmp_path / "cache").exists()  # A visitor's picture would stay there.
  (tmp_path / "x.png").write_bytes(b"x")
  with pytest.raises(errors.UserError, match=r"x\.png: not an image"):
    mixed.load(str(tmp_path / "x.png"))


def test_nothing_usable(tmp_path):
  empty = tmp_path / "empty"
  empty.mkdir()
  with pytest.raises(errors.UserError, match="empty"):
    mixed.load(str(empty), cache=str(tmp_path))
  (empty / "x.png").write_bytes(b"x")
  with pytest.raises(errors.UserError, match="none of its 1 files"):
    mixed.load(str(empty), cache=str(tmp_path))
  with pytest.raises(errors.UserError, match="no such file"):
    mixed.load(str(tmp_path / "nowhere"), cache=str(tmp_path))


def test_drawn_domains_are_repeatable_and_unlike(tmp_path):
  a, b = (
    mixed.pack(sources.drawn_domain(kind, 3), cache=str(tmp_path))
    for kind in domains.KINDS
  )
  np.testing.assert_array_equal(a[2], domains.draw("smooth", 2))
  assert len({x.shape for x in a}) > 1
  # Strokes have edges everywhere, smooth images where shapes end, and grain.
  edges = lambda images: np.mean(
    [(np.abs(np.diff(x.astype(float), axis=1)).max(-1) > 40).mean() for x in images]
  )
  assert edges(b) > 5 * edges(a)
  assert all((np.diff(x.astype(float), axis=0) != 0).mean() > 0.7 for x in a)
  with pytest.raises(ValueError, match="oil"):
    sources.drawn_domain("oil", 1)
