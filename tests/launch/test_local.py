"""Processes on one machine: they train as one does, and they stop and fail together."""

import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import time

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan.engine import checkpoints

ROOT = pathlib.Path(__file__).parents[2]
LAUNCHER = ROOT / "launch" / "local.py"
SECONDS = 300  # Until processes that hang fail a test.


def launch(*arguments, cwd=ROOT):
  """Starts the launcher as a shell would."""
  return subprocess.Popen(
    [sys.executable, LAUNCHER, *arguments],
    cwd=cwd,
    text=True,
    stdin=subprocess.DEVNULL,
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
  )


def finish(process):
  """(exit status, output) of a launcher."""
  try:
    output, _ = process.communicate(timeout=SECONDS)
  except subprocess.TimeoutExpired:
    process.terminate()
    raise
  return process.returncode, output


def wait_for(pattern, folder, process):
  """Waits until a file appears and holds something."""
  deadline = time.monotonic() + SECONDS
  while not any(path.stat().st_size for path in folder.glob(pattern)):
    assert process.poll() is None and time.monotonic() < deadline, finish(process)
    time.sleep(0.05)


@pytest.fixture
def photos(tmp_path):
  """A folder of 24 pictures of smooth noise."""
  folder = tmp_path / "photos"
  folder.mkdir()
  rng = np.random.default_rng(0)
  for i in range(24):
    small = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    Image.fromarray(small).resize((32, 32)).save(folder / f"{i}.png")
  return folder


@pytest.mark.slow  # tests/engine/test_processes.py does the same with a small program.
def test_two_processes_stopped_and_resumed_equal_one(tmp_path, photos, monkeypatch):
  monkeypatch.setenv("JAXGAN_CACHE", str(tmp_path / "cache"))

  def train(workdir, num_processes, num_steps):
    return launch(
      f"--num_processes={num_processes}",
      "--",
      "--config=configs/dcgan_anime.py:tiny",
      f"--workdir={workdir}",
      f"--config.data.path={photos}",
      "--config.data.size=32",
      "--config.data.holdout=0",
      "--config.every.evaluate=0",
      "--config.every.log=1",
      "--config.every.checkpoint=0",
      f"--config.num_steps={num_steps}",
    )

  one, two = tmp_path / "one", tmp_path / "two"
  process = train(two, 2, 1_000_000)
  wait_for("metrics.jsonl", two, process)
  process.send_signal(signal.SIGTERM)
  status, output = finish(process)
  assert status == 128 + signal.SIGTERM, output
  assert "2 cpu device(s), 2 process(es)" in output
  stopped = checkpoints.find_step(two / "checkpoints", "latest")

  for workdir, num_processes in ((two, 2), (one, 1)):
    status, output = finish(train(workdir, num_processes, stopped + 2))
    assert status == 0, output
    assert (f"continuing at step {stopped} of" in output) == (workdir == two)
  restore = lambda workdir, item: checkpoints.restore_item(
    workdir / "checkpoints", item, stopped + 2
  )
  for item in ("params.generator", "params.discriminator", "extra.ema"):
    jax.tree.map(
      lambda a, b: np.testing.assert_allclose(a, b, atol=2e-5),
      restore(one, item),
      restore(two, item),
    )


def fake_main(folder, body):
  """A package that stands in for jaxgan: each process runs `body`, knowing its `i`."""
  (folder / "jaxgan").mkdir()
  (folder / "jaxgan" / "main.py").write_text(
    "import os, pathlib, signal, sys, time\n"
    "options = dict(x[2:].split('=') for x in sys.argv[1:])\n"
    "i = int(options['process_id'])\n" + body
  )


def test_arguments_and_environment(tmp_path):
  fake_main(
    tmp_path,
    "import json\n"
    "pathlib.Path(f'{i}.json').write_text(json.dumps([options, "
    "os.environ['JAX_PLATFORMS'], os.environ['XLA_FLAGS'].split()[-1]]))\n"
    "print('from', i)\n",
  )
  process = launch(
    "--num_processes=3", "--devices_per_process=4", "--", "--a=b c", cwd=tmp_path
  )
  assert finish(process) == (0, "from 0\n")
  seen = [json.loads((tmp_path / f"{i}.json").read_text()) for i in range(3)]
  addresses = {options.pop("coordinator") for options, _, _ in seen}
  assert len(addresses) == 1 and addresses.pop().startswith("127.0.0.1:")
  assert seen == [
    [
      {"a": "b c", "process_id": str(i), "num_processes": "3"},
      "cpu",
      "--xla_force_host_platform_device_count=4",
    ]
    for i in range(3)
  ]


def test_dry_run_prints_a_command_for_each(tmp_path):
  fake_main(tmp_path, "raise SystemExit('started')\n")
  options = ("--num_processes=2", "--devices_per_process=4", "--dry_run")
  status, output = finish(launch(*options, "--", "--a=b c", cwd=tmp_path))
  assert status == 0
  for i, line in enumerate(output.splitlines()):
    env, platform, flags, _, module, main, *words = shlex.split(line)
    assert (env, platform) == ("env", "JAX_PLATFORMS=cpu")
    assert flags.endswith("--xla_force_host_platform_device_count=4")
    assert (module, main, words[0]) == ("-m", "jaxgan.main", "--a=b c")
    assert words[2:] == [f"--process_id={i}", "--num_processes=2"]
  assert i == 1


def test_one_that_fails_ends_all_and_says_why(tmp_path):
  fake_main(
    tmp_path,
    "pathlib.Path(f'{i}.pid').write_text(str(os.getpid()))\n"
    "if i == 1:\n"
    "  while not pathlib.Path('0.pid').exists(): time.sleep(0.01)\n"
    "  sys.exit('no disk')\n"
    "time.sleep(600)\n",
  )
  process = launch("--", "--a=1", cwd=tmp_path)
  assert finish(process) == (1, "[process 1] no disk\n")
  with pytest.raises(ProcessLookupError):
    os.kill(int((tmp_path / "0.pid").read_text()), 0)


def test_one_that_is_killed_is_a_failure(tmp_path):
  fake_main(tmp_path, "if i: os.kill(os.getpid(), signal.SIGKILL)\n")
  status, _ = finish(launch("--", "--a=1", cwd=tmp_path))
  assert status == 128 + signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_reach_every_process_once(tmp_path, number):
  fake_main(
    tmp_path,
    "def stop(number, frame):\n"
    "  with open(f'{i}.stopped', 'a') as file: file.write('once')\n"
    "  time.sleep(0.3)\n"
    "  sys.exit(128 + number)\n"
    f"signal.signal({int(number)}, stop)\n"
    "pathlib.Path(f'{i}.ready').write_text('yes')\n"
    "time.sleep(600)\n",
  )
  process = launch("--", "--a=1", cwd=tmp_path)
  for i in range(2):
    wait_for(f"{i}.ready", tmp_path, process)
  process.send_signal(number)
  status, _ = finish(process)
  assert status == 128 + number
  assert [(tmp_path / f"{i}.stopped").read_text() for i in range(2)] == ["once"] * 2


@pytest.mark.parametrize(
  "arguments",
  [
    [],
    ["--num_processes=2"],
    ["--num_processes=0", "--", "--a=1"],
    ["--processes=2", "--", "--a=1"],
  ],
)
def test_mistakes_exit_2(arguments):
  status, output = finish(launch(*arguments))
  assert status == 2 and "error:" in output
