"""What --input names: files, folders, globs, shipped images."""

import pathlib

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.images import color, examples, inputs


@pytest.fixture
def folder(tmp_path):
  for i, name in enumerate(("b.png", "a.jpg", "deep/c.png", "deep/c.bmp")):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (8, 6), (i, 0, 0)).save(path)
  (tmp_path / ".hidden.png").write_text("x")
  (tmp_path / "notes.txt").write_text("x")
  return tmp_path


def names(text):
  return [str(name) for name, _ in inputs.files(str(text))]


def test_what_names_mean(folder):
  assert names(folder) == ["a", "b", "deep/c.bmp", "deep/c.png", "notes"]
  assert names(folder / "b.png") == ["b"]
  assert names(folder / "*.png") == ["b"]
  assert names(folder / "**" / "c.*") == ["c.bmp", "c.png"]
  assert inputs.files("shipped:moon") == [(pathlib.PurePath("moon"), "shipped:moon")]
  for text in ("", str(folder / "*.gif"), str(folder / "nothing")):
    with pytest.raises(errors.UserError, match="--input="):
      inputs.files(text)


def test_files_of_a_glob_keep_their_folders(folder, monkeypatch):
  (folder / "flat").mkdir()
  Image.new("RGB", (8, 6)).save(folder / "flat" / "c.png")
  assert names(folder / "*" / "c.png") == ["deep/c", "flat/c"]
  monkeypatch.chdir(folder)
  assert names("**/c.png") == ["deep/c", "flat/c"]
  assert names("**/*.png") == ["b", "deep/c", "flat/c"]


def test_no_two_names_are_equal():
  paths = [
    pathlib.PurePath(x) for x in ("a.jpg", "a.png", "a.jpg.webp", "b.x.png", "c")
  ]
  assert [str(x) for x in inputs.names(paths)] == [
    "a.jpg",
    "a.png",
    "a.jpg.webp",
    "b.x",
    "c",
  ]


def test_images_right_in_a_folder(folder):
  assert [path.name for path in inputs.images_in(folder)] == ["a.jpg", "b.png"]


def test_what_cannot_be_read_is_left_out_and_told(folder, caplog):
  with caplog.at_level("WARNING"):
    found = list(inputs.read(str(folder)))
  assert len(found) == 4 and "notes.txt: not an image" in caplog.text
  with pytest.raises(
    errors.UserError, match=r"none of 1 file.*1 not an image \(notes\)"
  ):
    list(inputs.read(str(folder / "*.txt")))


def test_shipped_and_reduced():
  [photo] = inputs.read("shipped:chelsea", 100)
  assert photo.name == pathlib.PurePath("chelsea") and photo.alpha is None
  height, width = examples.load("chelsea").shape[:2]
  assert photo.pixels.shape == (round(100 * height / width), 100, 3)


def test_finish_keeps_color_and_opacity():
  random = np.random.default_rng(0)
  old, new = random.integers(80, 120, (2, 5, 7, 3), np.uint8)
  photo = inputs.Photograph(pathlib.PurePath("x"), old, old[..., 0])
  plain = inputs.finish(photo, new)
  np.testing.assert_array_equal(plain, np.concatenate([new, old[..., :1]], -1))
  np.testing.assert_array_equal(
    inputs.finish(photo._replace(alpha=None), new, strength=0.0), old
  )
  kept = inputs.finish(photo, new, keep_color=True)[..., :3].astype(np.float32)
  np.testing.assert_allclose(
    color.luma(kept), color.luma(new.astype(np.float32)), atol=1
  )
  np.testing.assert_allclose(kept - kept[..., :1], old - 1.0 * old[..., :1], atol=1.1)
