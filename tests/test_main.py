"""The command line of training: mistakes are told in one line, before JAX is loaded."""

import pathlib
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).parent.parent
CONFIG = "--config=configs/dcgan_anime.py"


def run(*arguments):
  return subprocess.run(
    [sys.executable, "-m", "jaxgan.main", *arguments],
    cwd=ROOT,
    capture_output=True,
    text=True,
    timeout=60,
    check=False,
  )


@pytest.mark.parametrize(
  ("arguments", "named"),
  [
    ((), ("no config", "--config=configs/dcgan_anime.py")),
    (
      ("--config=configs/dcgan_anim.py",),
      ("configs/dcgan_anim.py", "did you mean 'configs/dcgan_anime.py'?"),
    ),
    ((CONFIG + ":huge",), ("variant 'huge'", "full or tiny")),
    ((CONFIG, "--config.num_step=3"), ("'num_step'", "did you mean 'num_steps'?")),
    ((CONFIG, "--config.data.sise=3"), ("'sise'", "did you mean 'size'?")),
    ((CONFIG, "--config.num_steps=abc"), ("--config.num_steps=abc",)),
    ((CONFIG, "--config.data=3"), ("--config.data=3",)),
    ((CONFIG, "--num_processes=two"), ("--num_processes=two",)),
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


def test_help_is_no_mistake():
  done = run("--help")
  assert done.returncode == 0 and done.stderr == ""
  assert "python -m jaxgan.main --config=configs/" in done.stdout
  assert "--workdir" in done.stdout and "--coordinator" in done.stdout


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
