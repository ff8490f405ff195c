"""A run as a file: the same images from less, wherever a run can be named."""

import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from safetensors import safe_open

from jaxgan import errors, evaluate, generate, runner
from jaxgan.engine import workdir

ROOT = pathlib.Path(__file__).parents[1]


def _images(run, tmp_path, *arguments):
  """Eight images of a run, uint8 [8, h, w, 3]."""
  path = tmp_path / "x.npy"
  options = ["--task=sample", "--num=8", f"--output={path}", *arguments]
  generate.main(["generate", f"--workdir={run}", *options])
  return np.load(path).astype(int)


@pytest.mark.parametrize("options", [(), ("--search=16",), ("--labels=hair=blue",)])
def test_images_are_equal(gan_run, exported, tmp_path, options):
  want = _images(gan_run, tmp_path, *options)
  exact = _images(exported(gan_run, "--dtype=float32"), tmp_path, *options)
  np.testing.assert_array_equal(exact, want)
  halved = _images(exported(gan_run), tmp_path, *options)
  assert want.std() > 1 and np.abs(halved - want).mean() < 1


def test_what_a_file_holds(gan_run, exported):
  path = exported(gan_run)
  run = workdir.load(path)
  assert run.items() == {"extra.ema", "params.discriminator"}
  assert run.run_step() == 4
  origin = run.provenance()
  assert origin["config"] == "dcgan_anime_conditional:tiny"
  assert origin["exported_by"].startswith("jaxgan ") and origin["exported"]
  again = workdir.load(exported(path))
  assert again.provenance() == origin and again.items() == run.items()
  folder = gan_run / "checkpoints" / "4"
  saved = sum(x.stat().st_size for x in folder.rglob("*") if x.is_file())
  assert path.stat().st_size < saved / 3


def test_a_program_that_is_not_installed_exports(gan_run, exported, monkeypatch):
  def version(name):
    raise importlib.metadata.PackageNotFoundError(name)

  monkeypatch.setattr(importlib.metadata, "version", version)
  origin = workdir.load(exported(gan_run)).provenance()
  assert origin["exported_by"] == "jaxgan from a folder, not installed"


def test_folders_of_this_machine_are_not_told(gan_run, exported, tmp_path):
  config = json.loads((gan_run / "config.json").read_text())
  config["data"]["path"] = str(tmp_path / "secret" / "faces")
  copy = tmp_path / "copy"
  copy.mkdir()
  (copy / "config.json").write_text(json.dumps(config))
  (copy / "facts.json").write_text((gan_run / "facts.json").read_text())
  (copy / "checkpoints").symlink_to(gan_run / "checkpoints")
  path = exported(copy)
  with safe_open(path, framework="numpy") as file:
    assert str(tmp_path) not in json.dumps(file.metadata())
  assert workdir.load(path).config.data.path == "faces"


def test_files_are_listed(gan_run, exported, capsys):
  generate.main(["generate", f"--workdir={exported(gan_run)}", "--list"])
  assert "sample: Images from noise" in capsys.readouterr().out


@pytest.mark.slow
def test_files_are_evaluated(gan_run, exported, capsys):
  path = exported(gan_run)
  evaluate.main(["evaluate", f"--workdir={path}", "--num=8", "--training=0"])
  line = json.loads(capsys.readouterr().out)
  assert line["workdir"] == str(path) and line["step"] == 4 and line["fd_vgg16"] > 0


@pytest.mark.parametrize(
  ("arguments", "told"),
  [
    (["--labels=hair=octarine"], "--labels: hair has no value 'octarine': known: "),
    (["--labels=hair=blu"], "hair has no value 'blu': did you mean 'blue'"),
    (["--labels=tail=long"], "--labels: this run has no attribute 'tail'"),
    (["--task=stylize"], "'stylize' is not a task of dcgan, .* this run: known: inter"),
    (["--step=3"], "--step=3: .* holds step 4 alone"),
  ],
)
def test_what_a_model_does_not_have(gan_run, exported, tmp_path, arguments, told):
  with pytest.raises(errors.UserError, match=told):
    _images(exported(gan_run), tmp_path, *arguments)
  assert not (tmp_path / "x.npy").exists()


@pytest.mark.parametrize(
  ("arguments", "told"),
  [
    (["--format=safetensor"], "'safetensor' is not known: did you mean 'safetensors'"),
    (["--format=pickle"], "--format='pickle' is not known: known: onnx, safet"),
    (["--output=x.npz"], r"--output=x\.npz: name it NAME\.safetensors"),
    (["--output="], "--output=PATH"),
    (["--dtype=float15"], "'float15' is not known: did you mean 'float16'"),
    (["--step=3"], "no checkpoint of step 3"),
    (["--task=sample"], "--task=sample: safetensors holds all tasks"),
    (["--format=onnx"], r"model\.safetensors: name it NAME\.onnx"),
    (
      ["--format=onnx", "--output=x.onnx", "--layout=nwhc"],
      "did you mean 'nchw'|'nhwc'",
    ),
    (["--format=stablehlo"], r"model\.safetensors: name it NAME\.stablehlo"),
    (["--format=stablehlo", "--output=x.stablehlo", "--weights=insid"], "'inside'"),
    (
      ["--format=onnx", "--task=interpolate"],
      "'interpolate' is not a task that can be",
    ),
    (
      ["--format=onnx", "--output=x.onnx", "--size=9"],
      "unrecognized arguments: --size",
    ),
  ],
)
def test_mistakes(gan_run, exported, tmp_path, arguments, told):
  with pytest.raises(errors.UserError, match=told):
    exported(gan_run, *arguments)
  assert not list(tmp_path.iterdir())


def test_training_does_not_go_on_from_a_file(gan_run, exported):
  path = exported(gan_run)
  content = path.read_bytes()
  config = workdir.load(path).config
  for name in (path, path.with_name("new.safetensors"), pathlib.Path("shipped:faces")):
    with pytest.raises(errors.UserError, match=r"no training goes on: choose a folder"):
      runner.train(config, name)
    assert not name.exists() or path.read_bytes() == content


def test_a_file_with_fields_of_an_earlier_version(gan_run, exported, monkeypatch):
  path = exported(gan_run)
  family, _ = runner.open_run(path)
  monkeypatch.setattr(family, "RENAMED", {"data.size": "data.side"})
  with pytest.raises(errors.UserError, match=r"and export it \(data.size is now data"):
    runner.open_run(path)


def test_a_file_opens_without_what_only_training_needs(gan_run, exported, tmp_path):
  """Its modules take longer to import than all others."""
  code = (
    "import sys; from jaxgan import generate; generate.main(sys.argv); "
    "slow = {'orbax', 'tensorboardX', 'tensorflow_datasets'}; "
    "print(slow & set(sys.modules))"
  )
  output = tmp_path / "x.png"
  options = [f"--workdir={exported(gan_run)}", "--task=sample", f"--output={output}"]
  done = subprocess.run(
    [sys.executable, "-c", code, *options],
    env=os.environ | {"PYTHONPATH": str(ROOT)},
    capture_output=True,
    text=True,
    check=True,
  )
  assert done.stdout == "set()\n" and output.is_file()
