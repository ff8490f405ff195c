"""Trainings in several processes, for tests that kill one."""

import os
import pathlib
import re
import signal
import subprocess
import sys

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
