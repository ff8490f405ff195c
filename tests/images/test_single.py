"""Pictures of every kind keep the channels they have."""

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.images import single


def _save(path, pixels):
  Image.fromarray(pixels).save(path)
  return path


def _noise(*shape, dtype=np.uint8):
  return np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype)


def test_channels_are_kept(tmp_path):
  gray, color, clear = _noise(5, 7), _noise(5, 7, 3), _noise(5, 7, 4)
  np.testing.assert_array_equal(
    single.load(_save(tmp_path / "l.png", gray))[..., 0], gray
  )
  np.testing.assert_array_equal(single.load(_save(tmp_path / "c.png", color)), color)
  np.testing.assert_array_equal(single.load(_save(tmp_path / "a.png", clear)), clear)


def test_constant_alpha_is_dropped(tmp_path):
  pixels = _noise(5, 7, 4)
  for alpha in (255, 90):
    pixels[..., 3] = alpha
    loaded = single.load(_save(tmp_path / "a.png", pixels))
    np.testing.assert_array_equal(loaded, pixels[..., :3])


def test_sixteen_bits_are_scaled(tmp_path):
  deep = _noise(5, 7, dtype=np.uint16)
  Image.fromarray(deep).save(tmp_path / "deep.png")
  loaded = single.load(tmp_path / "deep.png")
  assert loaded.shape == (5, 7, 1)
  np.testing.assert_array_equal(loaded[..., 0], np.rint(deep / 257).astype(np.uint8))


def test_palette_and_conversion(tmp_path):
  Image.fromarray(_noise(5, 7, 3)).convert("P").save(tmp_path / "p.gif")
  assert single.load(tmp_path / "p.gif").shape == (5, 7, 3)
  assert single.load(tmp_path / "p.gif", channels=1).shape == (5, 7, 1)


def test_default_and_shipped():
  default = single.load("")
  np.testing.assert_array_equal(default, single.load(f"shipped:{single.DEFAULT}"))
  assert default.shape[2] == 3 and default.dtype == np.uint8


@pytest.mark.parametrize("name", ["nothing.png", "text.png", "cut.png"])
def test_unreadable_files_are_named(tmp_path, name):
  (tmp_path / "text.png").write_text("no image")
  _save(tmp_path / "whole.png", _noise(50, 70, 3))
  (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:500])
  with pytest.raises(errors.UserError, match=name):
    single.load(tmp_path / name)


def test_files_of_a_folder(tmp_path):
  for name in ("b.png", "a.jpg", "c.bmp"):
    _save(tmp_path / name, _noise(5, 7, 3))
  (tmp_path / "notes.txt").write_text("x")
  assert [path.name for path in single.files(tmp_path)] == ["a.jpg", "b.png", "c.bmp"]
