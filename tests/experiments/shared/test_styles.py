"""Sets of styles: names, sizes, and what is no style."""

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.experiments.shared import styles


def _save(path, size=(40, 24), color=(200, 30, 60), mode="RGB"):
  path.parent.mkdir(parents=True, exist_ok=True)
  Image.new("RGB", size, color).convert(mode).save(path)


def test_names_order_and_size(tmp_path):
  _save(tmp_path / "wave.png")
  _save(tmp_path / "more" / "scream.jpg", mode="CMYK")
  (tmp_path / "notes.txt").write_text("no image")
  _save(tmp_path / "dot.png", (3, 3))
  found = styles.load(str(tmp_path))
  assert {name: x.shape for name, x in found.items()} == {
    "scream": (24, 40, 3),
    "wave": (24, 40, 3),
  }
  assert list(found) == ["scream", "wave"]
  assert styles.load(str(tmp_path), size=16)["wave"].shape == (16, 16, 3)
  np.testing.assert_array_equal(found["wave"][0, 0], (200, 30, 60))


def test_one_file_and_what_is_shipped(tmp_path):
  _save(tmp_path / "one.png")
  assert list(styles.load(str(tmp_path / "one.png"))) == ["one"]
  assert tuple(styles.load("", size=16)) == styles.SHIPPED
  assert list(styles.load("shipped:brick", size=16)) == ["brick"]


def test_mistakes_are_named(tmp_path):
  with pytest.raises(errors.UserError, match="no such"):
    styles.load(str(tmp_path / "none"))
  with pytest.raises(errors.UserError, match="no file in it"):
    styles.load(str(tmp_path))
  _save(tmp_path / "a.png")
  _save(tmp_path / "a.jpg")
  with pytest.raises(errors.UserError, match="two styles named 'a'"):
    styles.load(str(tmp_path))
