"""Faces cut out of illustrations, with a detector that the test makes up."""

import hashlib
import json
import sys

import numpy as np
import PIL
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.data import packed
from jaxgan.drawing import drawn
from jaxgan.prepare import detection, faces


def texture(seed, side=48):
  """A smooth image of its own."""
  small = np.random.RandomState(seed).randint(0, 256, (6, 6, 3)).astype(np.uint8)
  return Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC)


def find_on_blue(image):
  """A blue page has a face in the middle, and another that is less likely."""
  red, _, blue = image.getpixel((0, 0))
  if red > 50 or blue < 200:
    return []
  box = (image.width // 2 - 12, image.height // 2 - 12, 24, 24)
  return [detection.Face((0, 0, 24, 24), 0.2), detection.Face(box, 0.9)]


def page(face):
  image = Image.new("RGB", (200, 100), (0, 0, 255))
  image.paste(face, (100 - face.width // 2, 50 - face.height // 2))
  return image


def collect(folder, output, **settings):
  chosen = detection.Settings(**{"size": 48} | settings)
  return faces.collect(str(folder), str(output), chosen, detector=find_on_blue)


@pytest.fixture
def drawings(tmp_path):
  folder = tmp_path / "in"
  (folder / "deep").mkdir(parents=True)
  for i in range(6):
    page(texture(i)).save(folder / "deep" / f"{i}.png")
  page(texture(0)).save(folder / "same.jpg", quality=80)
  page(Image.new("RGB", (48, 48), (90, 90, 90))).save(folder / "z_flat.png")
  Image.new("RGB", (64, 64), "white").save(folder / "nobody.png")
  (folder / "broken.png").write_text("no image")
  return folder


def test_faces_are_cut_counted_and_divided(tmp_path, drawings):
  counts = collect(drawings, tmp_path / "out")
  assert counts == {"kept": 6, "unreadable": 1, "no face": 1, "duplicate": 1, "flat": 1}
  told = json.loads((tmp_path / "out" / "provenance.json").read_text())
  assert told["counts"] == counts and told["settings"]["size"] == 48
  assert [entry["source"] for entry in told["files"]] == [
    f"deep/{i}.png" for i in range(6)
  ]
  for i, entry in enumerate(told["files"]):
    digest = hashlib.md5((drawings / entry["source"]).read_bytes()).hexdigest()
    assert entry["file"].split("/")[1] == f"{digest}-0.jpg"
    assert entry["box"] == [88, 38, 24, 24] and entry["likelihood"] == 0.9
    # Half of the box's side on each side is just the texture.
    got = np.asarray(Image.open(tmp_path / "out" / entry["file"])).astype(int)
    assert got.shape == (48, 48, 3)
    assert abs(got - np.asarray(texture(i))).mean() < 4
  for split in ("train", "test"):
    loaded = packed.load(
      str(tmp_path / "out"), size=(48, 48), split=split, cache=str(tmp_path / "c")
    )
    assert len(loaded) == 3


def test_the_division_depends_on_the_seed_alone(tmp_path, drawings):
  def trained_on(name, seed):
    collect(drawings, tmp_path / name, seed=seed)
    return {path.name for path in (tmp_path / name / "train").iterdir()}

  assert trained_on("a", 0) == trained_on("b", 0)
  assert any(
    trained_on(f"c{seed}", seed) != trained_on(f"d{seed}", seed + 1) for seed in (0, 2)
  )


def test_a_crop_at_the_edge_stays_in_the_image_and_small_ones_go(tmp_path):
  folder = tmp_path / "in"
  folder.mkdir()
  page(texture(1)).crop((70, 30, 130, 70)).save(folder / "a.png")  # 60x40.
  Image.open(folder / "a.png").save(folder / "b.png")
  image = Image.open(folder / "a.png").convert("RGB")
  image.putpixel((0, 0), (0, 0, 255))
  image.save(folder / "a.png")
  (folder / "b.png").unlink()
  with pytest.raises(errors.UserError, match="1 too small"):
    collect(folder, tmp_path / "out", min_side=41)
  assert not (tmp_path / "out").exists()
  assert collect(folder, tmp_path / "out", min_side=40)["kept"] == 1


def test_difference_hash_tells_drawings_apart():
  def bits(image):
    return np.unpackbits(
      np.frombuffer(detection.difference_hash(image.convert("L")), np.uint8)
    )

  assert bits(texture(0)).shape == (256,)
  smaller = texture(0).resize((40, 40))
  assert (bits(texture(0)) != bits(smaller)).sum() < 16
  assert (bits(texture(0)) != bits(texture(1))).sum() > 60


@pytest.mark.parametrize(
  "make",
  [
    lambda out: (out.mkdir(), (out / "mine.txt").write_text("x")),
    lambda out: out.write_text("x"),
  ],
)
def test_nothing_is_overwritten(tmp_path, drawings, make):
  make(tmp_path / "out")
  with pytest.raises(errors.UserError, match="exists already"):
    collect(drawings, tmp_path / "out")


def test_an_empty_output_folder_may_be_used(tmp_path, drawings):
  (tmp_path / "out").mkdir()
  assert collect(drawings, tmp_path / "out")["kept"] == 6
  assert {p.name for p in tmp_path.iterdir()} == {"in", "out"}  # No scratch stays.


def test_missing_or_empty_input_is_the_users_error(tmp_path):
  with pytest.raises(errors.UserError, match="no such folder"):
    collect(tmp_path / "in", tmp_path / "out")
  (tmp_path / "in").mkdir()
  with pytest.raises(errors.UserError, match="no usable face"):
    collect(tmp_path / "in", tmp_path / "out")


def test_animeface_missing(monkeypatch):
  monkeypatch.setitem(sys.modules, "animeface", None)
  with pytest.raises(errors.UserError, match=r"\.\[faces\]"):
    detection.detect(Image.new("RGB", (64, 64)))


def test_animeface_with_a_pillow_that_it_cannot_read(monkeypatch):
  pytest.importorskip("animeface")
  monkeypatch.setattr(PIL, "__version__", "12.0.0")
  with pytest.raises(errors.UserError, match="pillow<12"):
    detection.detect(Image.new("RGB", (64, 64)))


@pytest.mark.skipif(int(PIL.__version__.split(".")[0]) >= 12, reason="see faces.detect")
def test_animeface_finds_drawn_faces():
  pytest.importorskip("animeface")
  images, _, _ = drawn.draw(12, size=(192, 192))
  found = [detection.detect(Image.fromarray(image)) for image in images]
  assert sum(bool(boxes) for boxes in found) >= 6
  for face in (face for boxes in found for face in boxes):
    left, top, width, height = face.box
    assert 0 < face.likelihood <= 1 and left < 96 < left + width and top + height > 96
