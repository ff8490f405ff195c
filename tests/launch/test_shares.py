"""Many single images over two processes: each trains its share by itself."""

import signal
import sys
import time

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import evaluate
from tests.launch.processes import last_arrays, saved, send, start

SIZES = ((14, 20), (20, 20), (20, 20), (20, 14))  # Two shapes for process 1.


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_one_is_killed_and_only_what_it_had_not_done_is_trained(tmp_path):
  photos = tmp_path / "photos"
  photos.mkdir()
  rng = np.random.default_rng(0)
  for i, size in enumerate(SIZES):
    small = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    Image.fromarray(small).resize(size).save(photos / f"{i}.png")
  options = (
    *(f"--config.image={photos}", "--config.num_stages=1", "--config.num_steps=6"),
    "--config.features=2",
  )
  whole, broken = tmp_path / "whole", tmp_path / "broken"
  output, _ = start("consingan", whole, 2, *options).communicate(timeout=300)
  assert len(evaluate.find_runs(str(whole))) == len(SIZES), output

  launcher = start("consingan", broken, 2, *options)
  while not any((broken / x).is_dir() for x in ("2", "3")):
    assert launcher.poll() is None, launcher.communicate()
    time.sleep(0.02)
  send(launcher, signal.SIGKILL, 1)
  output, _ = launcher.communicate(timeout=60)
  assert launcher.returncode == 128 + signal.SIGKILL
  assert "The same command continues at the last checkpoint" in output
  before = {path: path.stat().st_mtime_ns for path in saved(broken)}

  launcher = start("consingan", broken, 2, *options)
  output, _ = launcher.communicate(timeout=300)
  assert launcher.returncode == 0, output
  for path in saved(broken):
    assert before.get(path) in (None, path.stat().st_mtime_ns)
  jax.tree.map(np.testing.assert_array_equal, last_arrays(whole), last_arrays(broken))
  # Written by whichever process ended last.
  table = [line.split() for line in (broken / "table.txt").read_text().splitlines()]
  assert [words[0] for words in table] == ["run", "0", "1", "2", "3", "median"]
