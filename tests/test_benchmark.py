"""The benchmark's line, and the script that sets it beside another program."""

import json
import pathlib
import subprocess
import sys

import jax
import pytest

from jaxgan import benchmark, errors
from tests.engine import toy

ROOT = pathlib.Path(__file__).parent.parent
CONFIG = "--config=mlp_mnist:tiny"


def test_the_line_that_scripts_rely_on():
  done = subprocess.run(
    [sys.executable, "-m", "jaxgan.benchmark", CONFIG, "--steps=3"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=False,
  )
  assert done.returncode == 0, done.stderr
  line = json.loads(done.stdout)
  assert line["experiment"] == "dcgan"
  assert line["stage"] == "28x28"
  assert line["steps_per_call"] == 1  # On a CPU.
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


def test_any_stage_can_be_timed(one_device):
  stages, config = toy.make(), toy.get_config()
  assert benchmark.measure(stages, config, -1, calls=1, warmup=0)["stage"] == "8 wide"
  for index in (2, -3):
    with pytest.raises(errors.UserError, match=rf"--stage={index}: .* 2 stage\(s\)"):
      benchmark.measure(stages, config, index, calls=1, warmup=0)


def test_a_call_is_what_training_makes_of_it(one_device, monkeypatch):
  """As many steps as the periods allow where many run in a call."""
  monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
  asked, config = [], toy.get_config()
  config.every = dict(log=6, image=12, checkpoint=0, evaluate=0)
  (stage,) = toy.make(num_stages=1)
  counted = stage._replace(
    batches=lambda *call: (asked.append(call), stage.batches(*call))[1]
  )
  found = benchmark.measure([counted], config, 0, calls=2, warmup=1)
  assert found["steps_per_call"] == 6
  assert set(asked) == {(0, 1), *((first, 6) for first in (0, 6, 12, 18, 24))}


def test_the_ratio_to_another_program(tmp_path):
  (tmp_path / "jaxgan").mkdir()
  (tmp_path / "jaxgan" / "benchmark.py").write_text(
    "import json, sys\n"
    "print('compiling')\n"
    "print(json.dumps({'seconds_per_step': float(sys.argv[1])}))\n"
  )
  peer = f'{sys.executable} -c "print(\'{{\\"seconds_per_step\\": 1.0}}\')"'
  script = ROOT / "benchmarks" / "side_by_side.py"
  done = subprocess.run(
    [sys.executable, script, "--rounds=2", f"--peer={peer}", "--", "0.4"],
    cwd=tmp_path,
    capture_output=True,
    text=True,
    check=False,
  )
  assert done.returncode == 0, done.stderr
  *rounds, last = done.stdout.splitlines()
  assert rounds == ["peer 1.0000 s, jaxgan 0.4000 s a step"] * 2
  assert json.loads(last) == {
    "peer_seconds_per_step": 1.0,
    "jaxgan_seconds_per_step": 0.4,
    "ratio": 2.5,
    "rounds": 2,
  }
