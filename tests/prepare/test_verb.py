"""The verb that prepares images."""

import os
import subprocess
import sys

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.data import packed
from jaxgan.prepare import __main__ as prepare
from jaxgan.prepare import detection, faces
from jaxgan.prepare import pack as packer


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
  monkeypatch.setenv("JAXGAN_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def animals(tmp_path):
  for i, name in enumerate(("cat/a.png", "cat/b.png", "dog/c.png", "dog/d.png")):
    path = tmp_path / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 30), (i, 0, 0)).save(path)
  return tmp_path / "in"


def pack(folder, output, *options):
  prepare.main(["prepare", "pack", f"--input={folder}", f"--output={output}", *options])


def test_pack_keeps_images_and_labels(tmp_path, animals):
  output = tmp_path / "new" / "x.npy"
  pack(animals, output, "--size=8x6")
  assert np.load(output).shape == (4, 8, 6, 3)
  loaded = packed.load(str(output), size=(8, 6))
  assert loaded.images[:, 0, 0, 0].tolist() == [0, 1, 2, 3]
  assert loaded.classes == {"class": ("cat", "dog")}
  assert loaded.labels["class"].tolist() == [0, 0, 1, 1]
  assert {p.name for p in output.parent.iterdir()} == {"x.npy", "x.csv"}


def test_pack_one_class_in_gray(tmp_path, animals):
  pack(animals, tmp_path / "x.npy", "--size=8", "--only=dog", "--channels=1")
  assert np.load(tmp_path / "x.npy").shape == (2, 8, 8, 1)


def test_pack_overwrites_nothing(tmp_path, animals):
  (tmp_path / "x.npy").write_text("mine")
  with pytest.raises(errors.UserError, match="exists already"):
    pack(animals, tmp_path / "x.npy")
  assert (tmp_path / "x.npy").read_text() == "mine"
  with pytest.raises(errors.UserError, match="must end in"):
    pack(animals, tmp_path / "x.zip")


def test_a_pack_that_fails_leaves_nothing(tmp_path, animals, monkeypatch):
  (tmp_path / "file").write_text("no folder")
  for verb, output in (("pack", "file/x.npy"), ("faces", "file/x")):
    monkeypatch.setattr(faces.collect, "__kwdefaults__", {"detector": lambda image: []})
    with pytest.raises(errors.UserError, match=r"cannot write .*file/x"):
      arguments = (f"--input={animals}", f"--output={tmp_path / output}")
      prepare.main(["prepare", verb, *arguments])

  def full(*arguments):
    raise OSError(28, "No space left on device")

  for part in ("_write_labels", "_write_images"):
    with monkeypatch.context() as patch:
      patch.setattr(packer, part, full)
      with pytest.raises(errors.UserError, match=r"cannot write .*x\.npy: .*No space"):
        pack(animals, tmp_path / "out" / "x.npy", "--size=8")
    assert not list((tmp_path / "out").iterdir())
  pack(animals, tmp_path / "out" / "x.npy", "--size=8")
  assert {x.name for x in (tmp_path / "out").iterdir()} == {"x.npy", "x.csv"}


@pytest.mark.parametrize("size", ["big", "8x", "0", "8x-1", ""])
def test_a_size_that_is_none(tmp_path, animals, size):
  with pytest.raises(errors.UserError, match=f"^--size={size} is neither"):
    pack(animals, tmp_path / "x.npy", f"--size={size}")


@pytest.mark.parametrize(
  "option", ["--channels=2", "--sizes=8", "--margin=much", "--seed=-1"]
)
def test_options_that_are_none_are_one_line(tmp_path, animals, option):
  verb = "faces" if option.startswith(("--margin", "--seed")) else "pack"
  with pytest.raises(errors.UserError):
    prepare.main(
      ["prepare", verb, f"--input={animals}", f"--output={tmp_path / 'x'}", option]
    )


def test_faces(tmp_path, monkeypatch):
  (tmp_path / "in").mkdir()
  for seed in range(2):
    noise = np.random.RandomState(seed).randint(0, 256, (8, 8, 3)).astype(np.uint8)
    Image.fromarray(noise).resize((120, 120)).save(tmp_path / "in" / f"{seed}.png")
  monkeypatch.setattr(
    faces.collect,
    "__kwdefaults__",
    {
      "detector": lambda image: [detection.Face((30, 30, 60, 60), 1.0)],
      "num_processes": 1,
    },
  )
  prepare.main(
    [
      "prepare",
      "faces",
      f"--input={tmp_path / 'in'}",
      f"--output={tmp_path / 'out'}",
      "--size=32",
      "--margin=0.25",
      "--num-processes=1",
    ]
  )
  [file] = (tmp_path / "out" / "train").iterdir()
  assert Image.open(file).size == (32, 32)
  assert len(list((tmp_path / "out" / "test").iterdir())) == 1


def test_a_users_mistake_is_one_line_and_status_2(tmp_path):
  done = subprocess.run(
    [
      sys.executable,
      "-m",
      "jaxgan.prepare",
      "pack",
      "--input=nowhere",
      f"--output={tmp_path / 'x.npy'}",
    ],
    capture_output=True,
    text=True,
    env=dict(os.environ),
  )
  assert done.returncode == 2
  assert "nowhere: no such file or folder" in done.stderr
  assert "Traceback" not in done.stderr
