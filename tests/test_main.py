"""The command line of training: mistakes are told in one line, before JAX is loaded."""

import os
import pathlib
import subprocess
import sys
import time

import pytest

from jaxgan import main

ROOT = pathlib.Path(__file__).parent.parent
CONFIG = "--config=dcgan_anime"


def run(*arguments, cwd=ROOT, verb="main"):
  return subprocess.run(
    [sys.executable, "-m", f"jaxgan.{verb}", *arguments],
    cwd=cwd,
    env=os.environ | {"PYTHONPATH": str(ROOT)},
    capture_output=True,
    text=True,
    timeout=60,
    check=False,
  )


@pytest.mark.parametrize(
  ("arguments", "named"),
  [
    ((), ("no config", "--config=dcgan_anime")),
    (("--config=dcgan_anim:tiny",), ("dcgan_anim:", "did you mean 'dcgan_anime'?")),
    (("--config=nothing",), ("no config nothing", "dcgan_anime, ")),
    (
      ("--config=configs/dcgan_anim.py",),
      ("configs/dcgan_anim.py", "did you mean 'configs/dcgan_anime.py'?"),
    ),
    (("--config=README.md",), ("README.md is no config",)),
    ((CONFIG + ":huge",), ("variant 'huge'", "full, preview or tiny")),
    ((CONFIG, "--config.num_step=3"), ("'num_step'", "did you mean 'num_steps'?")),
    ((CONFIG, "--config.data.sise=3"), ("'sise'", "did you mean 'size'?")),
    (
      (CONFIG, "--config.num_steps=abc"),
      ("--config.num_steps=abc", "takes a whole number."),
    ),
    ((CONFIG, "--config.ema=much"), ("--config.ema=much", "takes a number.")),
    ((CONFIG, "--config.data=3"), ("--config.data=3", "--config.GROUP.FIELD=VALUE")),
    ((CONFIG, "--num_processes=two"), ("--num_processes=two", "takes a whole number.")),
    ((CONFIG, "--wrokdir=x"), ("'wrokdir'", "workdir")),
    ((CONFIG, "runs/x"), ("'runs/x'", "begin with --")),
  ],
)
def test_a_mistake_is_one_line_that_names_it(arguments, named):
  done = run(*arguments)
  assert done.returncode == 2
  assert done.stdout == ""
  assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
  assert all(text in done.stderr for text in named), done.stderr


def test_a_file_of_ones_own_imports_its_siblings_and_those_of_the_package(tmp_path):
  (tmp_path / "configs").mkdir()
  (tmp_path / "configs" / "base.py").write_text("NAME = 'dcgam'\n")
  (tmp_path / "configs" / "own.py").write_text(
    "from configs import base\n"
    "from jaxgan.configs import dcgan_anime_exp1\n\n"
    "def get_config(variant):\n"
    "  config = dcgan_anime_exp1.get_config(variant)\n"
    "  config.experiment = base.NAME\n"
    "  return config\n"
  )
  done = run("--config=configs/own.py:tiny", "--wrokdir=x", cwd=tmp_path)
  assert "'wrokdir'" in done.stderr  # The config was read without an error.
  done = run("--config=configs/dcgan_anime.py", cwd=tmp_path)
  assert "did you mean 'dcgan_anime'?" in done.stderr  # That of the package.
  done = run("--config=configs/owm.py", cwd=tmp_path)
  assert "did you mean 'configs/own.py'?" in done.stderr


@pytest.mark.parametrize(
  ("value", "folder"),
  [
    ("configs/dcgan_anime.py", "runs/dcgan_anime"),
    (str(ROOT / "configs" / "dcgan_anime.py:tiny"), "runs/dcgan_anime_tiny"),
    ("dcgan_anime", "runs/dcgan_anime"),
    ("dcgan_anime:tiny", "runs/dcgan_anime_tiny"),
  ],
)
def test_the_workdir_is_called_like_the_config(value, folder, monkeypatch):
  monkeypatch.chdir(ROOT)
  path = main.find_config(value)
  assert main.default_workdir(path) == pathlib.Path(folder)
  assert pathlib.Path(path.partition(":")[0]).is_file()


def test_help_is_no_mistake():
  done = run("--help")
  assert done.returncode == 0 and done.stderr == ""
  assert "python -m jaxgan.main --config=dcgan_anime" in done.stdout
  assert "--workdir" in done.stdout and "--coordinator" in done.stdout


def test_help_of_the_benchmark_tells_its_own_options_and_mains():
  done = run("--help", verb="benchmark")
  assert done.returncode == 0 and done.stderr == ""
  assert "python -m jaxgan.benchmark --config=dcgan_anime" in done.stdout
  assert "--warmup" in done.stdout and "--config:" in done.stdout


def test_the_first_line_comes_soon_and_an_unknown_experiment_is_named(tmp_path):
  start = time.monotonic()
  command = [
    sys.executable,
    "-m",
    "jaxgan.main",
    CONFIG,
    f"--workdir={tmp_path}",
    "--config.experiment=dcgam",
  ]
  with subprocess.Popen(
    command, cwd=ROOT, stderr=subprocess.PIPE, text=True
  ) as process:
    first = process.stderr.readline()
    seconds = time.monotonic() - start
    rest = process.stderr.read()
  assert first == f"jaxgan: dcgam in {tmp_path}\n" and seconds < 5
  assert process.returncode == 2
  errors = [line for line in rest.splitlines() if line.startswith("error: ")]
  assert len(errors) == 1 and errors == rest.splitlines()[-1:]
  assert "config.experiment = 'dcgam'" in errors[0] and "Traceback" not in rest


def test_a_bad_value_of_a_field_is_one_line_too(tmp_path):
  done = run(CONFIG, f"--workdir={tmp_path / 'run'}", "--config.data.batch_size=-3")
  assert done.returncode == 2 and not (tmp_path / "run").exists()
  last = done.stderr.splitlines()[-1]
  assert last == "error: config.data.batch_size = -3 must be 1 or more."
  assert "Traceback" not in done.stderr
