"""One of several processes is killed: all stop, and the run goes on to equal bits."""

import signal
import sys
import time

import jax
import numpy as np
import pytest

from tests.launch.processes import kill_one, last_arrays, saved, start

pytestmark = pytest.mark.slow
MINUTE = 60
DCGAN = ("--config.data.holdout=0", "--config.data.size=24")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
@pytest.mark.parametrize(
  ("name", "processes", "own"),
  [("dcgan_anime", 4, DCGAN), ("stylize", 2, ()), ("siamese", 2, ())],
)
def test_the_others_stop_and_the_run_goes_on(name, processes, own, tmp_path):
  options = (*own, "--config.num_steps=16")
  whole, broken = tmp_path / "whole", tmp_path / "broken"
  output, _ = start(name, whole, processes, *options).communicate(timeout=300)
  assert saved(whole), output

  launcher = start(name, broken, processes, *options)
  while not saved(broken):
    assert launcher.poll() is None, launcher.communicate()
    time.sleep(0.02)
  kill_one(launcher)
  output, _ = launcher.communicate(timeout=MINUTE)
  # The exit status is that of the process which the launcher finds ended first.
  told = {128 + signal.SIGKILL: "was killed by signal 9", 1: "cannot go on without"}
  lines = [x for x in output.splitlines() if x.startswith("error: ")]
  assert told[launcher.returncode] in " ".join(lines), output

  launcher = start(name, broken, processes, *options)
  output, _ = launcher.communicate(timeout=300)
  assert launcher.returncode == 0 and "continuing at step" in output, output
  jax.tree.map(np.testing.assert_array_equal, last_arrays(whole), last_arrays(broken))
