"""Images are written as they are made, and files exist whole or not at all."""

import pathlib
import tracemalloc

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.experiments.shared import outputs

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 4, 6, 3), np.uint8)


def batches():
  yield IMAGES[:3]
  yield IMAGES[3:]


def test_an_array_is_the_images(tmp_path):
  outputs.write(tmp_path / "new" / "x.npy", batches(), 5)
  np.testing.assert_array_equal(np.load(tmp_path / "new" / "x.npy"), IMAGES)


def test_a_sheet_holds_all_images(tmp_path):
  outputs.write(tmp_path / "x.png", batches(), 5, columns=2)
  sheet = np.asarray(Image.open(tmp_path / "x.png"))
  assert sheet.shape == (12, 12, 3)
  np.testing.assert_array_equal(sheet[8:, :6], IMAGES[4])


def test_files_are_there_before_the_next_images_are_made(tmp_path):
  def made():
    for i, image in enumerate(IMAGES):
      assert len(list(tmp_path.glob("*.png"))) == i
      yield image[None]

  outputs.write(tmp_path, made(), 5)
  got = np.asarray(Image.open(tmp_path / "00004.png"))
  np.testing.assert_array_equal(got, IMAGES[4])


@pytest.mark.parametrize("name", ["x.npy", "x"])
def test_memory_does_not_grow_with_the_number_of_images(tmp_path, name):
  def peak(num):
    blank = (np.zeros((50, 32, 32, 3), np.uint8) for _ in range(num // 50))
    tracemalloc.start()
    outputs.write(tmp_path / name, blank, num)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most

  peak(50)  # What is imported on the way.
  assert peak(400) - peak(50) < 0.5 * (400 - 50) * 32 * 32 * 3


def test_where_results_go(tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  (tmp_path / "in" / "more").mkdir(parents=True)
  for name in ("a.jpg", "more/b.png"):
    (tmp_path / "in" / name).write_bytes(b"x")

  def results(text, output):
    return [str(x.result) for x in outputs.places(text, pathlib.Path(output))]

  assert results("in", "out") == ["out/a.png", "out/more/b.png"]
  assert results("in", "v.1") == ["v.1/a.png", "v.1/more/b.png"]
  assert results("in/*.jpg", "in") == ["in/a.png"]
  assert results("in/a.jpg", "new/x.tif") == ["new/x.tif"]
  assert results("shipped:moon", "out") == ["out/moon.png"]
  (tmp_path / "in" / "a.png").write_bytes(b"x")
  for text, output, told in (
    ("in", "in", "is the --input itself"),
    ("in/**/*.png", "in", r"in/a\.png is one of the images"),
    ("in/a.*", "x.png", "give a folder"),
    ("in/a.*", "in/a.jpg", "give a folder"),
    ("in/a.png", "x.exe", "no format"),
  ):
    with pytest.raises(errors.UserError, match=told):
      results(text, output)


def test_an_array_that_fails_leaves_nothing(tmp_path):
  def broken():
    yield IMAGES[:3]
    raise errors.UserError("no more")

  with pytest.raises(errors.UserError, match="no more"):
    outputs.write(tmp_path / "x.npy", broken(), 5)
  assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
  ("name", "num", "named"),
  [
    ("x.jpg", 1, r"name a sheet \.png"),
    ("x.png", 10**9, r"sheet of \d+x\d+ pixels"),
    ("x.npy", 10**9, ""),
    ("x", 10**9, ""),
  ],
)
def test_names_and_sizes_are_checked(tmp_path, name, num, named):
  if not named:
    outputs.check_output(tmp_path / name, num, 96, 96)
    return
  with pytest.raises(errors.UserError, match=named):
    outputs.check_output(tmp_path / name, num, 96, 96)
