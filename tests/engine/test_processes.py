"""Whole programs: killed, told to stop, and several that train together."""

import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from jaxgan.engine import checkpoints
from tests.engine import toy

ROOT = pathlib.Path(toy.__file__).parents[2]
SECONDS = 300  # Until a program that hangs fails a test.


def start(workdir: pathlib.Path, log: pathlib.Path, *arguments: str):
  """The toy's program on one device; its output goes to a file."""
  environment = os.environ | {
    # Compiled as here, that bits are the same; the last flag counts.
    "XLA_FLAGS": f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count=1",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
  }
  with log.open("wb") as file:
    return subprocess.Popen(
      [
        sys.executable,
        "-m",
        toy.__name__,
        f"--config={toy.__file__}",
        f"--workdir={workdir}",
        *arguments,
      ],
      stdout=file,
      stderr=file,
      env=environment,
      cwd=ROOT,
    )


def saved(workdir):
  """Steps with a checkpoint."""
  return {int(x.name) for x in (workdir / "checkpoints").glob("*") if x.name.isdigit()}


def wait_for_another(process, workdir, before, log):
  """Waits until a program has saved something new."""
  deadline = time.monotonic() + SECONDS
  while not saved(workdir) - before:
    assert process.poll() is None and time.monotonic() < deadline, log.read_text()
    time.sleep(0.01)


def steps_logged(workdir, name="loss_generator"):
  lines = (workdir / "metrics.jsonl").read_text().splitlines()
  return [line["step"] for line in map(json.loads, lines) if name in line]


@pytest.mark.slow
def test_killed_and_stopped_at_any_moment_a_run_ends_the_same(tmp_path, one_device):
  workdir, log = tmp_path / "run", tmp_path / "log"
  chance = random.Random(0)
  arguments = (
    "--config.num_steps=14",
    "--config.every.log=1",
    "--config.every.checkpoint=1",
    "--config.every.evaluate=2",
    "--config.best=distance",
  )
  for number, status in ((signal.SIGKILL, -9), (signal.SIGINT, 130)):
    before = saved(workdir)
    process = start(workdir, log, *arguments)
    wait_for_another(process, workdir, before, log)
    time.sleep(chance.uniform(0, 0.25))
    process.send_signal(number)
    assert process.wait(SECONDS) == status, log.read_text()
    text = log.read_text()
    assert "Traceback" not in text
    if number != signal.SIGKILL:
      assert text.splitlines()[-1].startswith(
        f"stopped by signal {int(number)}: step {max(saved(workdir))} is saved"
      )
  assert 2 <= max(saved(workdir)) < 28
  stages = toy.make(num_steps=14)
  state = toy.run(workdir, stages=stages, every=(1, 0, 1, 2), best="distance")
  want = toy.run(tmp_path / "whole", stages=stages, every=(1, 0, 0))
  toy.assert_same(state, want)
  toy.assert_same(toy.run(workdir, stages=stages), want)  # As it is on the disk.
  assert steps_logged(workdir) == list(range(1, 29))
  assert sorted({*steps_logged(workdir, "distance")}) == list(range(2, 29, 2))


def start_two(workdir, tmp_path, *arguments):
  with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    address = f"127.0.0.1:{listener.getsockname()[1]}"
  logs = [tmp_path / f"log{i}" for i in range(2)]
  return [
    start(
      workdir,
      log,
      f"--coordinator={address}",
      "--num_processes=2",
      f"--process_id={i}",
      *arguments,
    )
    for i, log in enumerate(logs)
  ], logs


@pytest.mark.slow
def test_two_processes_are_as_good_as_one(tmp_path, one_device):
  workdir = tmp_path / "run"
  arguments = (
    "--config.num_stages=1",
    "--config.num_steps=20",
    "--config.pause=0.1",
    "--config.every.log=1",
    "--config.every.evaluate=20",
  )
  processes, logs = start_two(workdir, tmp_path, *arguments)
  wait_for_another(processes[0], workdir, set(), logs[0])
  processes[1].send_signal(signal.SIGTERM)  # Both agree to stop.
  assert [process.wait(SECONDS) for process in processes] == [143, 143]
  assert max(saved(workdir)) < 20
  processes, logs = start_two(
    workdir, tmp_path, *arguments, "--config.every.checkpoint=0"
  )
  statuses = [process.wait(SECONDS) for process in processes]
  assert statuses == [0, 0], "\n".join(log.read_text() for log in logs)
  assert all("2 cpu device(s), 2 process(es)" in log.read_text() for log in logs)
  want = toy.run(
    tmp_path / "one", every=(1, 0, 0), stages=toy.make(num_stages=1, num_steps=20)
  )
  directory = workdir / "checkpoints"
  for name in ("params.generator", "params.discriminator", "extra.ema"):
    group, _, entry = name.partition(".")
    got = toy.arrays(checkpoints.restore_item(directory, name))
    for path, array in toy.arrays(getattr(want, group)[entry]).items():
      np.testing.assert_allclose(got[path], array, rtol=1e-4, atol=1e-6)
  assert steps_logged(workdir) == list(range(1, 21))
  assert len(list(workdir.glob("events.*"))) == 2  # Of process 0, each time.
  assert not any("picture" in log.read_text() for log in logs[1:])
