"""One of several processes is lost: all stop, and the run goes on to equal bits."""

import signal
import sys

import jax
import numpy as np
import pytest

from jaxgan.engine.sharding import HEARTBEAT
from tests.launch.processes import (
  last_arrays,
  saved,
  send,
  start,
  wait_for_a_checkpoint,
)

pytestmark = [
  pytest.mark.slow,
  pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]
MINUTE = 60
DCGAN = ("--config.data.holdout=0", "--config.data.size=24")
# What is told by exit status: that of the process which the launcher finds ended first.
KILLED = {128 + signal.SIGKILL: "was killed by signal 9", 1: "cannot go on without"}
STOPPED = {128 + signal.SIGTERM: "stopped by signal 15: step"}


@pytest.mark.parametrize(
  ("name", "processes", "own", "number", "told"),
  [
    ("dcgan_anime", 4, DCGAN, signal.SIGKILL, KILLED),
    ("stylize", 2, (), signal.SIGKILL, KILLED),
    ("siamese", 2, (), signal.SIGKILL, KILLED),
    ("dcgan_anime", 2, DCGAN, signal.SIGTERM, STOPPED),  # A host is to be taken away.
  ],
)
def test_the_others_stop_and_the_run_goes_on(
  name, processes, own, number, told, tmp_path
):
  options = (*own, "--config.num_steps=16")
  whole, broken = tmp_path / "whole", tmp_path / "broken"
  output, _ = start(name, whole, processes, *options).communicate(timeout=300)
  assert saved(whole), output

  launcher = start(name, broken, processes, *options)
  wait_for_a_checkpoint(launcher, broken)
  send(launcher, number, processes - 1)
  output, _ = launcher.communicate(timeout=MINUTE)
  assert told[launcher.returncode] in output, output

  launcher = start(name, broken, processes, *options)
  output, _ = launcher.communicate(timeout=300)
  assert launcher.returncode == 0 and "continuing at step" in output, output
  jax.tree.map(np.testing.assert_array_equal, last_arrays(whole), last_arrays(broken))


@pytest.mark.parametrize("silent", [0, 1])
def test_the_other_stops_when_one_is_silent(silent, tmp_path):
  """A host that hangs keeps its connections open; process 0 is whom all report to."""
  launcher = start("dcgan_anime", tmp_path, 2, *DCGAN, "--config.num_steps=1000000")
  wait_for_a_checkpoint(launcher, tmp_path)
  send(launcher, signal.SIGSTOP, silent)
  output, _ = launcher.communicate(timeout=HEARTBEAT + MINUTE / 2)
  assert launcher.returncode == 128 + signal.SIGABRT
  assert "detected fatal errors. This most likely indicates that another" in output
  assert "The same command continues at the last checkpoint." in output
