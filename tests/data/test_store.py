"""Images are decoded once, and what cannot be decoded is left out and told."""

import os

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.images import reader
from tests.data.folders import grays, load, paint


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
