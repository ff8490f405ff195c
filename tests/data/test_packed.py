"""Sources become one array, decoded once, with their labels."""

import gzip
import os

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.data import packed
from jaxgan.drawing import drawn
from jaxgan.images import reader


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
  monkeypatch.setenv("JAXGAN_CACHE", str(tmp_path / "cache"))
  return tmp_path / "cache"


@pytest.fixture
def decodings(monkeypatch):
  """How often an image was decoded, as the length of a list."""
  calls = []
  decode = reader.decode

  def counted(*args, **kwargs):
    calls.append(1)
    return decode(*args, **kwargs)

  monkeypatch.setattr(reader, "decode", counted)
  return calls


def paint(folder, values):
  """PNG files of one gray each; values maps names to grays."""
  for name, value in values.items():
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8), value).save(path)
  return str(folder)


def grays(loaded):
  return np.asarray(loaded.images)[:, 0, 0, 0].tolist()


def load(path, **options):
  return packed.load(str(path), **{"size": (4, 4), "channels": 1} | options)


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


def test_unusable_files_are_left_out_counted_and_named(tmp_path, caplog):
  folder = tmp_path / "x"
  paint(folder, {"a.png": 1, "b.png": 2, ".hidden.png": 9, "c.png": 3})
  (folder / "notes.txt").write_text("no image")
  (folder / "empty.jpg").write_bytes(b"")
  noise = np.random.RandomState(0).randint(0, 255, (32, 32, 3)).astype(np.uint8)
  Image.fromarray(noise).save(folder / "cut.jpg")
  whole = (folder / "cut.jpg").read_bytes()
  (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
  (folder / "gone.png").symlink_to(folder / "nowhere.png")
  with caplog.at_level("WARNING"):
    loaded = load(folder)
  assert grays(loaded) == [1, 2, 3] and loaded.skipped == 4
  assert (
    "left out 4 of 7 files: 1 truncated (cut.jpg); "
    "2 not an image (empty.jpg, notes.txt); 1 no such file (gone.png)"
  ) in caplog.text
  assert load(folder).skipped == 4  # From the cache too.


@pytest.mark.parametrize(
  ("options", "complaint"),
  [
    ({"size": (0, 0)}, r"config\.data\.size = \(0, 0\)"),
    ({"channels": 4}, r"config\.data\.channels = 4"),
  ],
)
def test_what_cannot_be_made_is_named(tmp_path, options, complaint):
  with pytest.raises(errors.UserError, match=complaint):
    load(paint(tmp_path / "x", {"a.png": 1}), **options)


def test_a_circle_of_links_ends(tmp_path):
  folder = paint(tmp_path / "x", {"a/a.png": 1, "b/b.png": 2})
  (tmp_path / "x" / "a" / "up").symlink_to(tmp_path / "x")
  assert grays(load(folder)) == [1, 2]


@pytest.mark.parametrize(
  ("make", "complaint"),
  [
    (lambda folder: None, "no such file or folder"),
    (lambda folder: folder.mkdir(), "empty"),
    (
      lambda folder: (folder.mkdir(), (folder / "a").write_text("x")),
      r"none of its 1 files is a usable image: 1 not an image \(a\)",
    ),
  ],
)
def test_no_image_is_the_users_error(tmp_path, cache, make, complaint):
  make(tmp_path / "x")
  with pytest.raises(errors.UserError, match=complaint):
    load(tmp_path / "x")
  assert not list(cache.glob("data/*"))  # Nothing half-written stays.


def test_decoded_once(tmp_path, decodings):
  folder = paint(tmp_path / "x", {"a.png": 1, "b.png": 2})
  first, second = load(folder), load(folder)
  assert len(decodings) == 2
  np.testing.assert_array_equal(first.images, second.images)
  load(folder, size=(4, 5))
  load(folder, channels=3)
  assert len(decodings) == 6


@pytest.mark.parametrize(
  "change",
  [
    lambda folder: paint(folder, {"b.png": 7}),
    lambda folder: os.utime(folder / "b.png", (1, 1)),
    lambda folder: paint(folder, {"c.png": 7}),
    lambda folder: (folder / "b.png").rename(folder / "d.png"),
  ],
)
def test_decoded_again_after_a_change(tmp_path, decodings, change):
  folder = tmp_path / "x"
  paint(folder, {"a.png": 1, "b.png": 2})
  os.utime(folder / "b.png", (0, 0))
  load(folder)
  change(folder)
  decodings.clear()
  load(folder)
  assert len(decodings) >= 2


@pytest.mark.parametrize(
  "damage",
  [
    lambda entry: (entry / "images.npy").write_bytes(b""),
    lambda entry: (entry / "images.npy").write_bytes(
      (entry / "images.npy").read_bytes()[:-1]
    ),
    lambda entry: (entry / "labels.npz").write_bytes(b"PK no"),
    lambda entry: (entry / "meta.json").write_text("{"),
    lambda entry: (entry / "kept.npy").unlink(),
    lambda entry: np.save(entry / "images.npy", np.zeros((1, 4, 4, 1), np.uint8)),
  ],
)
def test_a_damaged_cache_is_packed_again(tmp_path, cache, damage):
  folder = paint(tmp_path / "x", {"a.png": 1, "b.png": 2})
  load(folder)
  [entry] = cache.glob("data/*")
  damage(entry)
  assert grays(load(folder)) == [1, 2]
  assert list(cache.glob("data/*")) == [entry]
  assert grays(load(folder)) == [1, 2]


def test_another_process_packs_the_same_meanwhile(tmp_path, cache, monkeypatch):
  folder = paint(tmp_path / "x", {"a.png": 1, "b.png": 2})
  decode = reader.decode

  def meanwhile(*args, **kwargs):
    monkeypatch.setattr(reader, "decode", decode)
    load(folder)
    return decode(*args, **kwargs)

  monkeypatch.setattr(reader, "decode", meanwhile)
  assert grays(load(folder)) == [1, 2]
  assert len(list(cache.glob("data/*"))) == 1


def test_a_cache_that_cannot_be_written(tmp_path):
  folder = paint(tmp_path / "x", {"a.png": 1})
  (tmp_path / "file").write_text("")
  with pytest.raises(errors.UserError, match="JAXGAN_CACHE"):
    load(folder, cache=str(tmp_path / "file"))


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


def test_split_off_is_disjoint_whole_and_stable(tmp_path):
  folder = paint(tmp_path / "x", {f"{i:02}.png": i for i in range(20)})
  train, held = packed.split_off(load(folder), 5)
  assert len(train) == 15 and len(held) == 5
  assert sorted(grays(train) + grays(held)) == list(range(20))
  assert grays(packed.split_off(load(folder), 5)[1]) == grays(held)
  assert grays(packed.split_off(load(folder), 5, seed=1)[1]) != grays(held)
  with pytest.raises(errors.UserError, match="cannot hold out 20"):
    packed.split_off(load(folder), 20)


def test_rows_are_read_like_an_array():
  array = np.arange(120).reshape(5, 4, 3, 2).astype(np.uint8)
  index = np.array([4, 0, 3])
  rows = packed.Packed(array).select(index).images
  expected = array[index]
  assert rows.shape == expected.shape and len(rows) == 3 and rows.ndim == 4
  for item in (
    0,
    -1,
    slice(1, 3),
    [2, 0],
    (1, 2),
    (slice(None), slice(0, 2)),
    ([0, 2], slice(None), [1, 2]),
    (slice(None), [1, 2, 3], 0),
    (..., 0),
    np.array([True, False, True]),
  ):
    np.testing.assert_array_equal(rows[item], expected[item])
  np.testing.assert_array_equal(np.asarray(rows, np.float32), expected)
  out = np.empty((2, 4, 3, 2), np.uint8)
  rows.take([2, 1], axis=0, out=out, mode="clip")
  np.testing.assert_array_equal(out, expected[[2, 1]])
  again = packed.Packed(rows).select(np.array([False, True, True])).images
  np.testing.assert_array_equal(again, expected[1:])
