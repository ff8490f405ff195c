"""A family outside the package, as docs/add_a_family.md builds it, by public verbs.

This folder stands for one's own: a package `mygans`, and configs that name its modules.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, evaluate, generate, runner
from jaxgan.engine import workdir as workdirs

FOLDER = pathlib.Path(__file__).parent
ROOT = FOLDER.parents[1]
CONFIG = "--config=configs/wgan_digits.py"
# A seventh of the config's length, in which the digits become legible.
STEPS = 300


def command(verb, *arguments):
  """What a verb prints, run in the folder, on one device."""
  flags = re.sub(r"--xla_force_host\S*", "", os.environ.get("XLA_FLAGS", ""))
  done = subprocess.run(
    [sys.executable, "-m", f"jaxgan.{verb}", *arguments],
    cwd=FOLDER,
    env=os.environ | {"PYTHONPATH": str(ROOT), "XLA_FLAGS": flags},
    capture_output=True,
    text=True,
    check=False,
  )
  return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def run(tmp_path_factory):
  """A run of `main`."""
  workdir = tmp_path_factory.mktemp("wgan")
  status, _, log = command(
    "main", CONFIG, f"--config.num_steps={STEPS}", f"--workdir={workdir}"
  )
  assert status == 0, log
  page = (ROOT / "docs" / "add_a_family.md").read_text()
  shown = re.search(r"```\n(jaxgan: .*?)```", page, re.DOTALL)[1]
  for line in shown.replace("runs/wgan_digits", str(workdir)).splitlines():
    assert line == "..." or line in log.splitlines()
  return workdir


@pytest.fixture(autouse=True)
def _here(monkeypatch):
  """Python looks for `mygans` in the folder, as if it were installed."""
  monkeypatch.syspath_prepend(FOLDER)
  monkeypatch.setenv("PYTHONPATH", str(FOLDER))


def test_generate_lists_its_task_and_makes_digits(run, tmp_path, capsys):
  generate.main(["generate", f"--workdir={run}", "--list"])
  assert capsys.readouterr().out == (
    "sample: Digits from noise: a sheet (.png), or a folder of files.\n"
    "  --num=64  how many.\n"
    "  --seed=0  draws them.\n"
  )
  sheet = tmp_path / "digits.png"
  generate.main(
    ["generate", f"--workdir={run}", "--task=sample", "--num=16", f"--output={sheet}"]
  )
  with Image.open(sheet) as image:
    pixels = np.asarray(image)
  assert pixels.shape == (64, 64)
  # White lines on black, most of it black.
  assert (pixels < 64).mean() > 0.5 and (pixels > 192).mean() > 0.05


def test_it_has_learned_digits(run, capsys):
  evaluate.main(["evaluate", f"--workdir={run}"])
  results = json.loads(capsys.readouterr().out)
  assert results["step"] == STEPS
  # About 0.14 and 10. Drawn digits have 0.03 and 10, an untrained network 0.48 and 2;
  # a black image gets 0.24 and the mean of all digits 0.15, with one kind of digit.
  assert results["rmse_to_nearest"] < 0.2
  assert results["kinds_of_digits"] >= 7


def test_it_is_exported_as_all_families_are(run, tmp_path):
  model = tmp_path / "digits.safetensors"
  status, _, log = command("export", f"--workdir={run}", f"--output={model}")
  assert status == 0 and f"wrote {model}: step {STEPS}, 0." in log
  sheets = []
  for name in (run, model):
    path = tmp_path / "x.png"
    generate.main(
      ["generate", f"--workdir={name}", "--task=sample", f"--output={path}"]
    )
    with Image.open(path) as image:
      sheets.append(np.asarray(image).astype(int))
  assert np.abs(sheets[0] - sheets[1]).mean() < 1


@pytest.mark.slow
def test_benchmark_times_it():
  status, line, log = command("benchmark", f"{CONFIG}:tiny", "--steps=2")
  assert status == 0, log
  assert json.loads(line)["experiment"] == "mygans.wgan"
  assert json.loads(line)["seconds_per_step"] > 0


def test_what_it_declares_is_kept(run, one_device):
  config = workdirs.read_config(run)
  config.num_steps += 1  # In FREE: the run goes on.
  runner.train(config, run)
  assert runner.open_run(run, "latest")[1].run_step() == STEPS + 1
  config.penalty = 1.0
  with pytest.raises(errors.UserError, match="penalty was 10"):
    runner.train(config, run)
  config.width = 0
  with pytest.raises(errors.UserError, match="width = 0 must be 1"):
    runner.prepared(config)


@pytest.mark.parametrize(
  ("name", "told"),
  [
    ("mygans.vgan", "no module mygans.vgan where Python looks"),
    ("mygan.wgan", "start in the folder that holds mygan"),
    ("mygans..wgan", "is not known"),
    ("mygans.wgan.Dense", "is not known"),
    ("os.path", "is no family"),
    ("dcgam", "did you mean 'dcgan'"),
    ("shared", "is no family"),
  ],
)
def test_a_name_that_is_no_family(name, told):
  with pytest.raises(errors.UserError, match=told):
    runner.find_family(name)
