"""What a data set may be: folders, arrays, idx files, or drawn faces."""

import gzip

import numpy as np
import pytest

from jaxgan import errors
from jaxgan.drawing import drawn
from tests.data.folders import grays, load, paint


def write_idx(path, array, compress=False):
  header = bytes([0, 0, 8, array.ndim])
  raw = header + np.array(array.shape, ">u4").tobytes() + array.tobytes()
  path.write_bytes(gzip.compress(raw) if compress else raw)


def test_nested_folder_in_order_of_names(tmp_path):
  folder = paint(tmp_path / "x", {"b.png": 2, "a/c/d.png": 1, "z.png": 3})
  loaded = load(folder)
  assert loaded.images.shape == (3, 4, 4, 1)
  assert isinstance(loaded.images, np.memmap)
  assert grays(loaded) == [1, 2, 3] and loaded.labels == {}


def test_a_circle_of_links_ends(tmp_path):
  folder = paint(tmp_path / "x", {"a/a.png": 1, "b/b.png": 2})
  (tmp_path / "x" / "a" / "up").symlink_to(tmp_path / "x")
  assert grays(load(folder)) == [1, 2]


def test_splits_of_a_folder(tmp_path):
  paint(tmp_path / "x", {"train/a.png": 1, "test/b.png": 2})
  assert grays(load(tmp_path / "x")) == [1]
  assert grays(load(tmp_path / "x", split="test")) == [2]
  with pytest.raises(errors.UserError, match="no val split"):
    load(tmp_path / "x", split="val")


def test_class_folders_and_only(tmp_path):
  folder = paint(tmp_path / "x", {"cat/a.png": 1, "dog/b.png": 2, "cat/c.png": 3})
  loaded = load(folder)
  assert loaded.classes == {"class": ("cat", "dog")}
  assert loaded.labels["class"].tolist() == [0, 0, 1]
  cats = load(folder, only="cat")
  assert grays(cats) == [1, 3] and cats.labels["class"].tolist() == [0, 0]
  with pytest.raises(errors.UserError, match="did you mean 'dog'"):
    load(folder, only="dogs")


def test_csv_labels_skip_what_was_skipped(tmp_path):
  folder = tmp_path / "x"
  paint(folder, {"a.png": 1, "c.png": 3})
  (folder / "b.png").write_text("broken")
  table = tmp_path / "tags.csv"
  table.write_text("file,hair\nc.png,red\nb.png,green\na.png,blue\n")
  loaded = load(folder, labels=str(table))
  assert loaded.classes == {"hair": ("blue", "red")}
  assert loaded.labels["hair"].tolist() == [0, 1]


def test_npy_of_the_right_size_is_used_as_it_is(tmp_path, cache):
  images = np.random.RandomState(0).randint(0, 255, (5, 4, 4)).astype(np.uint8)
  np.save(tmp_path / "x.npy", images)
  loaded = load(tmp_path / "x.npy")
  np.testing.assert_array_equal(loaded.images[..., 0], images)
  assert not cache.exists()
  color = load(tmp_path / "x.npy", channels=3)
  np.testing.assert_array_equal(color.images, np.repeat(images[..., None], 3, 3))
  (tmp_path / "x.csv").write_text("row,hair\n4,red\n0,blue\n")
  assert load(tmp_path / "x.npy").labels["hair"].tolist() == [0, -1, -1, -1, 1]


@pytest.mark.parametrize(
  "array",
  [
    np.zeros((2, 4, 4), np.float32),
    np.zeros((2, 4), np.uint8),
    np.zeros((2, 4, 4, 2), np.uint8),
    np.zeros((0, 4, 4), np.uint8),
    np.array([{}]),
  ],
)
def test_npy_that_holds_no_images(tmp_path, array):
  np.save(tmp_path / "x.npy", array)
  with pytest.raises(errors.UserError, match=r"x\.npy"):
    load(tmp_path / "x.npy")


@pytest.mark.parametrize("compress", [True, False])
def test_idx(tmp_path, compress):
  images = np.random.RandomState(0).randint(0, 255, (12, 4, 4)).astype(np.uint8)
  digits = np.arange(12, dtype=np.uint8) % 5
  end = ".gz" if compress else ""
  for name, part in (("train", slice(0, 9)), ("t10k", slice(9, 12))):
    write_idx(tmp_path / f"{name}-images-idx3-ubyte{end}", images[part], compress)
    write_idx(tmp_path / f"{name}-labels-idx1-ubyte{end}", digits[part], compress)
  train, test = load(tmp_path), load(tmp_path, split="test")
  np.testing.assert_array_equal(train.images[..., 0], images[:9])
  np.testing.assert_array_equal(test.images[..., 0], images[9:])
  assert train.labels["label"].tolist() == digits[:9].tolist()
  assert train.classes == {"label": ("0", "1", "2", "3", "4")}
  one = load(tmp_path / f"train-images-idx3-ubyte{end}", only="3")
  np.testing.assert_array_equal(np.asarray(one.images)[..., 0], images[[3, 8]])


def test_idx_without_labels_and_broken(tmp_path):
  path = tmp_path / "some-images-idx3-ubyte"
  write_idx(path, np.zeros((2, 4, 4), np.uint8))
  assert load(path).labels == {}
  path.write_bytes(path.read_bytes()[:-1])
  with pytest.raises(errors.UserError, match=r"neither \.npy nor idx"):
    load(path)
  with pytest.raises(errors.UserError, match="give a folder"):
    load(path, split="test")


def test_no_path_draws_faces_once(caplog, decodings):
  with caplog.at_level("INFO"):
    loaded = load("", size=(16, 16), channels=3, num_drawn=20)
  expected, labels, classes = drawn.draw(20, size=(16, 16))
  np.testing.assert_array_equal(loaded.images, expected)
  np.testing.assert_array_equal(loaded.labels["hair"], labels["hair"])
  assert loaded.classes == classes and "no data given" in caplog.text
  decodings.clear()
  again = load("", size=(16, 16), channels=3, num_drawn=20)
  np.testing.assert_array_equal(again.images, expected)
  assert not decodings
  test = load("", size=(16, 16), channels=3, num_drawn=20, split="test")
  assert (np.asarray(test.images) != expected).any((1, 2, 3)).all()
  with pytest.raises(errors.UserError, match="use train or test"):
    load("", split="val")
