"""Faults that were first tried by hand, and that concern several parts."""

import json
import os
import pathlib
import pwd
import resource
import shutil
import signal

import numpy as np
from PIL import Image
import pytest

from jaxgan import cache, errors, evaluate, generate, runner
from jaxgan.features import weights
from jaxgan.images import inputs, reader, writer
from jaxgan.prepare import published
from tests.data.folders import grays, load, paint


def _sample(run, output, *arguments):
  generate.main(
    ["generate", f"--workdir={run}", "--task=sample", f"--output={output}", *arguments]
  )


def _copied(run, folder, **changes):
  """A run elsewhere, with fields of its config changed: {"data.path": ...}."""
  shutil.copytree(run, folder)
  config = json.loads((folder / "config.json").read_text())
  for name, value in changes.items():
    group, field = name.split(".")
    config[group][field] = value
  (folder / "config.json").write_text(json.dumps(config))
  return folder


@pytest.mark.parametrize("name", ["config.json", "facts.json"])
def test_a_file_of_a_run_that_is_cut_off(gan_run, tmp_path, name):
  run = _copied(gan_run, tmp_path / "run")
  (run / name).write_bytes((run / name).read_bytes()[:-20])
  with pytest.raises(errors.UserError, match=rf"{name} is damaged \(.*\): delete it"):
    runner.open_run(run)


def test_evaluation_without_a_checkpoint(gan_run, tmp_path):
  run = _copied(gan_run, tmp_path / "run")
  shutil.rmtree(run / "checkpoints")
  with pytest.raises(errors.UserError, match="no checkpoint in"):
    evaluate.main(["evaluate", f"--workdir={run}"])


def test_paths_in_a_config_from_elsewhere_are_not_followed(gan_run, tmp_path):
  foreign = _copied(
    gan_run,
    tmp_path / "run",
    **{"data.path": "/nowhere", "data.labels": "../no.csv", "init.workdir": "~no/run"},
  )
  for run, name in ((gan_run, "a.png"), (foreign, "b.png")):
    _sample(run, tmp_path / name, "--num=2")
  assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_ctrl_c_while_many_files_are_written(gan_run, tmp_path, monkeypatch):
  """What is there is whole, nothing else is, and the exit status says why."""
  folder, write = tmp_path / "many", writer.write_png

  def interrupt(path, image):
    if path.name == "00020.png":
      os.kill(os.getpid(), signal.SIGINT)
    write(path, image)

  monkeypatch.setattr(writer, "write_png", interrupt)
  # Shells start what runs in the background with SIGINT ignored.
  before = signal.signal(signal.SIGINT, signal.default_int_handler)
  try:
    with pytest.raises(SystemExit) as stopped:
      errors.run(lambda argv: _sample(gan_run, folder, "--num=200"))
  finally:
    signal.signal(signal.SIGINT, before)
  assert stopped.value.code == 130
  names = sorted(path.name for path in folder.iterdir())
  assert 20 <= len(names) < 200
  assert names == [f"{i:05d}.png" for i in range(len(names))]
  assert reader.load(folder / names[-1]).shape == (12, 12, 3)


def test_the_first_image_of_a_film_counts(tmp_path):
  first, *later = (Image.new("P", (8, 8), i) for i in (0, 1, 2))
  first.putpalette([90] * 3 + [200] * 6)
  first.save(tmp_path / "x.gif", save_all=True, append_images=later)
  assert np.unique(reader.load(tmp_path / "x.gif")).tolist() == [90]
  assert grays(load(tmp_path)) == [90]


NAMES = ("a b.png", "new\nline.png", "a..b.png", "%s{x}.png", "-x.png", "\udcff.png")


def test_names_that_are_unusual(tmp_path, caplog):
  folder = paint(tmp_path / "set", {name: i for i, name in enumerate(sorted(NAMES))})
  assert grays(load(f"{folder}/../set")) == list(range(len(NAMES)))
  found = dict(inputs.files(f"{folder}/../set"))
  assert {f"{name}.png" for name in map(str, found)} == set(NAMES)
  (tmp_path / "set" / "not\nan image.png").write_text("x")
  assert len(list(inputs.read(folder))) == len(NAMES)
  broken = tmp_path / "set" / "not\nan image.png"
  with pytest.raises(errors.UserError, match="not an image"):
    list(inputs.read(str(broken)))


def test_without_a_home(tmp_path, monkeypatch):
  def unknown(*_):
    raise KeyError

  for name in ("HOME", "JAXGAN_CACHE"):
    monkeypatch.delenv(name, raising=False)
  monkeypatch.setattr(pwd, "getpwuid", unknown)
  with pytest.raises(errors.UserError, match=r"no home .* set JAXGAN_CACHE"):
    cache.root()
  with pytest.raises(errors.UserError, match=r"~/x\.png: no such home folder"):
    inputs.files("~/x.png")
  monkeypatch.setenv("JAXGAN_CACHE", str(tmp_path))
  assert cache.root() == tmp_path


def test_a_cache_on_a_read_only_disk(tmp_path):
  folder = paint(tmp_path / "x", {"a.png": 1})
  with pytest.raises(errors.UserError, match="JAXGAN_CACHE"):
    load(folder, cache="/proc/jaxgan")  # Not even root writes there.


def test_a_cache_on_a_full_disk(tmp_path):
  folder = paint(tmp_path / "x", {"a.png": 1, "b.png": 2})
  soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
  try:
    resource.setrlimit(resource.RLIMIT_FSIZE, (150, hard))  # Python ignores SIGXFSZ.
    with pytest.raises(errors.UserError, match="JAXGAN_CACHE"):
      load(folder, cache=str(tmp_path / "cache"))
  finally:
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
  assert grays(load(folder, cache=str(tmp_path / "cache"))) == [1, 2]


class Command:
  """What unpickles as a call of os.mkdir."""

  def __init__(self, path):
    self.path = path

  def __reduce__(self):
    return os.mkdir, (self.path,)


@pytest.mark.parametrize(
  "read", [weights.load_vgg16, weights.load_inception, published.read_dict]
)
def test_a_pickle_within_an_npz_is_not_run(tmp_path, read):
  victim = str(tmp_path / "made")
  array = np.array(Command(victim), dtype=object)
  names = ("features.0.weight", "conv1_1/kernel", "Conv2d_1a_3x3.conv.weight")
  np.savez(tmp_path / "x.npz", **dict.fromkeys(names, array))
  with pytest.raises(errors.UserError, match=r"x\.npz"):
    read(str(tmp_path / "x.npz"))
  assert not pathlib.Path(victim).exists()


def test_a_pickle_of_pytorch_is_not_run(tmp_path):
  torch = pytest.importorskip("torch", reason="writes the file")
  victim = str(tmp_path / "made")
  torch.save({"weight": Command(victim)}, tmp_path / "netG.pth")
  with pytest.raises(errors.UserError, match="holds code"):
    published.read_dict(str(tmp_path / "netG.pth"))
  assert not pathlib.Path(victim).exists()
