r"""Trains a grid of configs, one run each, and compares them.

  python launch/sweep.py --workdir=runs/rates --config=configs/gan_anime.py \
      --grid=optimizer.generator.learning_rate=1e-4,2e-4 --grid=seed=0,1 \
      [--dry_run] [--index=I] [-- --config.num_steps=5000]

Every --grid names a field of the config and its values; each combination is a run in a
folder of the workdir, named by its values. What is after -- goes to all of them. A run
that was finished by the same command is skipped, and one that was stopped is continued;
one that failed is named at the end, and the others go on. At the end the finished runs
are evaluated and shown in one table, which is also written to table.txt.

--dry_run prints the commands, one a line. --index=I does the I-th alone, from 0, and
makes no table: so does each of a Slurm job array, see slurm.sbatch. When all are done,
the same command without it finds them trained and makes the table.
"""

import argparse
from collections.abc import Sequence
import itertools
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys

DONE = "sweep.json"  # In a finished run's folder: the command that finished it.


def parse(argv: Sequence[str]) -> argparse.Namespace:
  """Our options, and as `arguments` what is after --; status 2 on a mistake."""
  argv = list(argv)
  split = argv.index("--") if "--" in argv else len(argv)
  parser = argparse.ArgumentParser(
    prog="python launch/sweep.py",
    description=__doc__,
    allow_abbrev=False,
    formatter_class=argparse.RawDescriptionHelpFormatter,
  )
  add = parser.add_argument
  add("--workdir", required=True, type=pathlib.Path, help="folder of all runs")
  add("--config", required=True, help="as for jaxgan.main")
  grid = "FIELD=VALUE,VALUE: one axis of the grid; may be given several times"
  add("--grid", action="append", required=True, type=_axis, help=grid)
  add("--dry_run", action="store_true", help="print the commands, run none")
  add("--index", type=int, help="run this one alone, counted from 0")
  options = parser.parse_args(argv[:split])
  options.arguments = argv[split + 1 :]
  fields = [field for field, _ in options.grid]
  if len(set(fields)) < len(fields):
    parser.error(f"--grid: a field is named twice ({', '.join(fields)}).")
  count = len(commands(options))
  if options.index is not None and not 0 <= options.index < count:
    parser.error(f"--index={options.index}: there are {count} runs, from 0.")
  return options


def _axis(text: str) -> tuple[str, list[str]]:
  """FIELD=VALUE,VALUE,..., where the field may begin with "config."."""
  field, _, values = text.partition("=")
  values = values.split(",")
  if not field or not all(values) or len(set(values)) < len(values):
    raise argparse.ArgumentTypeError(
      f"{text!r}: give a field and different values, such as seed=0,1,2."
    )
  if any("/" in value for value in values):
    raise argparse.ArgumentTypeError(f"{text!r}: a value names a folder: no / in it.")
  return field.removeprefix("config."), values


def commands(options: argparse.Namespace) -> dict[pathlib.Path, list[str]]:
  """The command of each run, by its folder."""
  fields = [field for field, _ in options.grid]
  found = {}
  for values in itertools.product(*(values for _, values in options.grid)):
    pairs = list(zip(fields, values, strict=True))
    name = ",".join(f"{field.rpartition('.')[2]}={value}" for field, value in pairs)
    if options.workdir / name in found:  # Two fields of one name, in other groups.
      raise SystemExit(f"error: two runs would be called {name}: sweep one by one.")
    found[options.workdir / name] = [
      sys.executable,
      "-m",
      "jaxgan.main",
      f"--config={options.config}",
      f"--workdir={options.workdir / name}",
      *(f"--config.{field}={value}" for field, value in pairs),
      *options.arguments,
    ]
  return found


def is_done(folder: pathlib.Path, command: list[str]) -> bool:
  """Whether a sweep has finished this run; else the command is printed."""
  note = folder / DONE
  done = note.is_file() and json.loads(note.read_text()) == _note(command)
  print(f"{folder}: done before" if done else shlex.join(command), flush=True)
  return done


def _note(command: list[str]) -> list[str]:
  return command[1:]  # Whichever Python it was.


def finish(folder: pathlib.Path, command: list[str]) -> int:
  """Trains one run to its end, unless it is done; its exit status.

  SIGTERM and Ctrl-C meanwhile go to the training, once, and it saves and stops.
  """
  if is_done(folder, command):
    return 0
  process = subprocess.Popen(command, start_new_session=True)
  forward = lambda number, frame: process.send_signal(number)
  before = {x: signal.signal(x, forward) for x in (signal.SIGTERM, signal.SIGINT)}
  status = process.wait()
  for number, handler in before.items():
    signal.signal(number, handler)
  if status == 0:
    (folder / DONE).write_text(json.dumps(_note(command)) + "\n")
  return status


def compare(workdir: pathlib.Path) -> int:
  """Evaluates the runs, prints their table and keeps it; the exit status."""
  command = [sys.executable, "-m", "jaxgan.evaluate", f"--workdir={workdir}"]
  done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
  if done.returncode == 0:
    print(done.stdout, end="")
    (workdir / "table.txt").write_text(done.stdout)
  return done.returncode


def main(argv: Sequence[str]) -> int:
  """Trains, compares, and returns 0 if all went well, or what the first failure did."""
  options = parse(argv)
  jobs = list(commands(options).items())
  if options.index is not None:
    jobs = [jobs[options.index]]
  if options.dry_run:
    for _, command in jobs:
      print(shlex.join(command))
    return 0
  if options.index is not None:
    if not is_done(*jobs[0]):
      # In our place: signals come to the training once, whoever of us gets them.
      os.execv(sys.executable, jobs[0][1])
    return 0
  failed = {}
  for folder, command in jobs:
    status = finish(folder, command)
    if status < 0 or status >= 128:  # Stopped by a signal: so shall the sweep.
      return status if status > 0 else 128 - status
    if status:
      failed[folder] = status
  for folder, status in failed.items():
    print(f"error: {folder} failed with status {status}", file=sys.stderr)
  if len(failed) < len(jobs):
    failed |= {options.workdir: status} if (status := compare(options.workdir)) else {}
  return next(iter(failed.values()), 0)


if __name__ == "__main__":
  sys.exit(main(sys.argv[1:]))
