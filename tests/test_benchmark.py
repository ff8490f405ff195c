"""The benchmark's line, and the script that sets it beside another program."""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent
OPTIONS = ["--config=configs/mlp_mnist.py:tiny", "--steps=3"]


def test_line_and_ratio():
  peer = f'{sys.executable} -c "print(\'{{\\"seconds_per_step\\": 1000.0}}\')"'
  done = subprocess.run(
    [
      sys.executable,
      "benchmarks/side_by_side.py",
      "--rounds=1",
      f"--peer={peer}",
      "--",
      *OPTIONS,
    ],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=False,
  )
  assert done.returncode == 0, done.stderr
  line = json.loads(done.stdout.splitlines()[-1])
  assert line["peer_seconds_per_step"] == 1000.0
  assert line["ratio"] == round(1000.0 / line["jaxgan_seconds_per_step"], 3)


def test_scripts_can_rely_on_the_names():
  done = subprocess.run(
    [sys.executable, "-m", "jaxgan.benchmark", *OPTIONS],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=False,
  )
  assert done.returncode == 0, done.stderr
  line = json.loads(done.stdout)
  assert line["experiment"] == "dcgan"
  assert line["stage"] == "28x28"
  for name in (
    "seconds_per_step",
    "images_per_second",
    "compile_seconds",
    "first_step_seconds",
    "peak_memory_mib",
  ):
    assert line[name] > 0
  batch = line["images_per_second"] * line["seconds_per_step"]
  assert abs(batch - 8) < 0.1


def test_a_stage_that_does_not_exist():
  done = subprocess.run(
    [sys.executable, "-m", "jaxgan.benchmark", *OPTIONS, "--stage=1"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=False,
  )
  assert done.returncode == 2
  assert "--stage=1" in done.stderr.splitlines()[-1]
