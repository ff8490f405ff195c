"""One of several processes is killed: all stop, and the run goes on to equal bits."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan.engine import checkpoints

pytestmark = pytest.mark.slow
ROOT = pathlib.Path(__file__).parents[2]
MINUTE = 60
FAMILIES = {
  "dcgan": ("dcgan_anime", "--config.data.holdout=0", "--config.data.size=24"),
  "stylize": ("stylize",),
  "siamese": ("siamese",),
  "many images": ("consingan", "--config.image={photos}"),
}


@pytest.fixture
def photos(tmp_path):
  """Four pictures of smooth noise, of one shape."""
  (tmp_path / "photos").mkdir()
  rng = np.random.default_rng(0)
  for i in range(4):
    small = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    Image.fromarray(small).resize((20, 20)).save(tmp_path / "photos" / f"{i}.png")
  return tmp_path / "photos"


def start(family, workdir, photos, processes, steps):
  """The launcher with a family's `:tiny`."""
  name, *options = FAMILIES[family]
  return subprocess.Popen(
    [
      *(sys.executable, ROOT / "launch" / "local.py"),
      *(f"--num_processes={processes}", "--", f"--config={name}:tiny"),
      *(f"--workdir={workdir}", f"--config.num_steps={steps}"),
      *("--config.every.checkpoint=2", "--config.every.evaluate=0"),
      *(option.format(photos=photos) for option in options),
    ],
    cwd=ROOT,
    text=True,
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
  )


def kill_one(launcher):
  """Ends the last process that the launcher has started."""
  children = pathlib.Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children")
  (last,) = [
    int(pid)
    for pid in children.read_text().split()
    if re.search(
      rb"--process_id=[13]\0", pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    )
  ][-1:]
  os.kill(last, signal.SIGKILL)


def saved(workdir):
  """Checkpoints that are there, of the run and of the models within it."""
  folders = [workdir / "checkpoints", *workdir.glob("*/checkpoints")]
  return [x for folder in folders for x in folder.glob("*") if x.name.isdigit()]


def last_arrays(workdir):
  """All arrays of the newest checkpoints, but not where the batches are."""
  found = {}
  for folder in sorted({path.parent for path in saved(workdir)}):
    newest = folder / str(checkpoints.find_step(folder, "latest"))
    for item in newest.iterdir():
      if re.match("params|opt|extra", item.name):
        tree = checkpoints.restore_item(folder, item.name)
        found[str(item.relative_to(workdir))] = jax.tree.leaves(tree)
  return found


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
@pytest.mark.parametrize(
  ("family", "processes"), [*((x, 2) for x in FAMILIES), ("dcgan", 4)]
)
def test_the_others_stop_and_the_run_goes_on(family, processes, tmp_path, photos):
  steps = 60
  whole, broken = tmp_path / "whole", tmp_path / "broken"
  output, _ = start(family, whole, photos, processes, steps).communicate(timeout=300)
  assert saved(whole), output

  launcher = start(family, broken, photos, processes, steps)
  while not saved(broken):
    assert launcher.poll() is None, launcher.communicate()
    time.sleep(0.02)
  kill_one(launcher)
  output, _ = launcher.communicate(timeout=MINUTE)
  # The exit status is that of the process which the launcher finds ended first.
  told = {128 + signal.SIGKILL: "was killed by signal 9", 1: "cannot go on without"}
  lines = [x for x in output.splitlines() if x.startswith("error: ")]
  assert told[launcher.returncode] in " ".join(lines), output

  launcher = start(family, broken, photos, processes, steps)
  output, _ = launcher.communicate(timeout=300)
  assert launcher.returncode == 0 and "continuing at step" in output, output
  jax.tree.map(np.testing.assert_array_equal, last_arrays(whole), last_arrays(broken))
