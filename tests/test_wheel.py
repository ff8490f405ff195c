"""The built wheel, installed apart from the checkout, trains, and has the models."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
  """A folder in which the wheel is installed, beside the packages of this Python."""
  folder = tmp_path_factory.mktemp("wheel")
  source, site = folder / "source", folder / "site"
  source.mkdir()
  for name in ("pyproject.toml", "README.md", "LICENSE"):
    shutil.copy(ROOT / name, source)
  for name in ("jaxgan", "configs"):
    shutil.copytree(
      ROOT / name,
      source / name,
      symlinks=True,
      ignore=shutil.ignore_patterns("__pycache__"),
    )
  pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
  options = ["--quiet", "--no-deps", "--no-index"]
  subprocess.run(
    [*pip, "wheel", *options, "--no-build-isolation", "-w", folder, source], check=True
  )
  (wheel,) = folder.glob("jaxgan-*.whl")
  subprocess.run([*pip, "install", *options, "--target", site, wheel], check=True)
  return site


def run(site, folder, *arguments, verb="main"):
  return subprocess.run(
    [sys.executable, "-m", f"jaxgan.{verb}", *arguments],
    cwd=folder,
    env=os.environ | {"PYTHONPATH": str(site)},
    capture_output=True,
    text=True,
    check=False,
  )


@pytest.mark.slow
def test_the_wheel_trains_in_another_folder(installed, tmp_path):
  # This config imports another one, which imports a third.
  done = run(
    installed, tmp_path, "--config=mlp_mnist:tiny", "--config.every.evaluate=0"
  )
  assert done.returncode == 0, done.stderr
  folder = tmp_path / "runs" / "mlp_mnist_tiny"
  assert (folder / "checkpoints" / "4").is_dir() and any((folder / "images").iterdir())
  (tmp_path / "own.py").write_text(
    "import jaxgan\n"
    "from jaxgan.configs import mlp_mnist\n\n"
    "def get_config(variant='tiny'):\n"
    "  config = mlp_mnist.get_config(variant)\n"
    "  config.experiment = jaxgan.__file__\n"
    "  return config\n"
  )
  done = run(installed, tmp_path, "--config=own.py")
  assert done.returncode == 2
  assert f"config.experiment = '{installed}/jaxgan/__init__.py'" in done.stderr


@pytest.mark.slow
def test_the_wheel_holds_the_models(installed, tmp_path):
  folder = ROOT / "jaxgan" / "pretrained"
  held = {path.name for path in (installed / "jaxgan" / "pretrained").iterdir()}
  assert {path.name for path in folder.iterdir() if path.is_file()} <= held
  page = installed / "jaxgan" / "formats" / "page"
  source = ROOT / "jaxgan" / "formats" / "page"
  assert {x.name for x in page.iterdir()} == {x.name for x in source.iterdir()}
  done = run(installed, tmp_path, "--workdir=shipped:", verb="generate")
  assert done.returncode == 0, done.stderr
  for name in json.loads((folder / "registry.json").read_text()):
    assert f"shipped:{name} " in done.stdout
    listed = run(
      installed, tmp_path, f"--workdir=shipped:{name}", "--list", verb="generate"
    )
    assert listed.returncode == 0, listed.stderr
