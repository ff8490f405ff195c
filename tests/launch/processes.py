"""Trainings in several processes, for tests that kill, stop or silence one."""

import os
import pathlib
import re
import subprocess
import sys
import time

import jax

from jaxgan.engine import checkpoints

ROOT = pathlib.Path(__file__).parents[2]


def start(name, workdir, processes, *options):
  """The launcher with a config's `:tiny`, which saves every fourth step."""
  return subprocess.Popen(
    [
      *(sys.executable, ROOT / "launch" / "local.py"),
      *(f"--num_processes={processes}", "--", f"--config={name}:tiny"),
      *(f"--workdir={workdir}", "--config.every.checkpoint=4"),
      *("--config.every.evaluate=0", *options),
    ],
    cwd=ROOT,
    text=True,
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
  )


def send(launcher, number, process_id):
  """Sends a signal to one of the processes that the launcher has started."""
  children = pathlib.Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children")
  option = f"--process_id={process_id}".encode()
  (found,) = [
    int(pid)
    for pid in children.read_text().split()
    if option in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
  ]
  os.kill(found, number)


def wait_for_a_checkpoint(launcher, workdir):
  """Returns once something is saved."""
  while not saved(workdir):
    assert launcher.poll() is None, launcher.communicate()
    time.sleep(0.02)


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
