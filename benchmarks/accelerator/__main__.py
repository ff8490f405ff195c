r"""Tries and times every family on the device that JAX finds, such as a GPU.

  python -m benchmarks.accelerator --output=FOLDER [--configs=dcgan_anime,stylize] \
      [--only=agreement] [--peers=benchmarks/accelerator/peers.json]

It takes about an hour, less where --compilers=8 processes at a time compile all rows
first, and with some of the configs or kinds of rows. Each row is measured by a process
of its own, so that the memory told is that row's, and one that fails stops nothing.
FOLDER gets report.md and report.json:

- agreement: whether two steps of `:tiny` give the same on the device as on the CPU, of
  every family and network;
- step: the time of a step in float32, in the device's own way (TF32 on a GPU) and,
  where the config has it, in bfloat16; with memory and the share of the chip's peak,
  which is that of its own way; and in the device's own way with twice and four times as
  many images in a batch, and with 1, 10 and 100 steps in a call;
- single images: those made per hour, if 1, 4 or 16 are trained at once;
- beside: how many times as fast as other programs, --peers=FILE: a JSON list such as

    [{"config": "dcgan_anime", "changes": {"data.batch_size": 64}, "times": 1,
      "command": "python dcgan.py --batch=64 --device=cuda --precision={precision}"}]

  Each command prints a line of JSON with `seconds_per_step`. It and a step of the
  config run in turn; `times` of its steps do what one of ours does. The ratio of
  medians is above 1 where ours is faster. {precision} becomes float32, tf32 and
  bfloat16, and ours is computed in the same; without it there is one row. "variant" of
  the config may be given too. `peers.json` has CycleGAN and CUT, which come along.
"""

import argparse
from collections.abc import Sequence
import concurrent.futures
import json
import pathlib
import shlex
import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks.accelerator import measure, rows
from benchmarks.accelerator.report import report


def in_its_own_process(row: dict[str, Any], steps: int) -> dict[str, Any]:
  """A row with what was measured, or with an "error"."""
  command = [sys.executable, "-m", "benchmarks.accelerator", f"--row={json.dumps(row)}"]
  return row | printed([*command, f"--steps={steps}"])


def compile_all(wanted: Sequence[dict[str, Any]], processes: int) -> None:
  """Measures rows side by side: the times are worth nothing, but the cache is full.

  It tells of each row how long that took, since it may be most of the time there is.
  """

  def compiled(row):
    start = time.monotonic()
    found = in_its_own_process(row, steps=1)
    seconds = time.monotonic() - start
    line = report([found]).splitlines()[-1]
    print(f"compiled and tried in {seconds:.0f} s: {line}", flush=True)

  with concurrent.futures.ThreadPoolExecutor(processes) as pool:
    list(pool.map(compiled, wanted))


def printed(command: Sequence[str]) -> dict[str, Any]:
  """What a command prints as its last line, of JSON; or {"error": its last words}."""
  try:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])
  except subprocess.CalledProcessError as failed:
    return {"error": (failed.stderr.strip().splitlines() or [str(failed)])[-1][:200]}
  except (OSError, IndexError, ValueError) as error:
    return {"error": str(error)[:200]}


def measured(row: dict[str, Any], steps: int, rounds: int) -> dict[str, Any]:
  """A row measured; beside a peer both in turn, as often as there are rounds."""
  if row["what"] != "beside":
    return in_its_own_process(row, steps)
  ours, theirs = [], []
  for _ in range(rounds):
    theirs.append(printed(shlex.split(row["command"])))
    ours.append(in_its_own_process(row, steps))
  if failed := [found for found in (*theirs, *ours) if "error" in found]:
    return row | failed[0]
  ours_median, peer = (
    statistics.median(found["seconds_per_step"] for found in all_found)
    for all_found in (ours, theirs)
  )
  return ours[-1] | {
    "seconds_per_step": ours_median,
    "peer_seconds_per_step": peer,
    "times_as_fast": row["times"] * peer / ours_median,
  }


def main(argv: Sequence[str]) -> int:
  """Measures everything; 1 if a row failed or does not agree."""
  parser = argparse.ArgumentParser(
    prog="python -m benchmarks.accelerator",
    description=__doc__,
    formatter_class=argparse.RawDescriptionHelpFormatter,
  )
  add = parser.add_argument
  names = lambda text: text.split(",") if text else []
  all_and_some = f"all agree, and the time of {','.join(rows.TIMED)}"
  add("--output", type=pathlib.Path, default="accelerator", help="(%(default)s)")
  add("--configs", type=names, help=f"of {','.join(rows.KNOWN)} ({all_and_some})")
  add("--only", type=names, default=rows.KINDS, help=",".join(rows.KINDS))
  add("--variant", default="full", help="of the configs: full, or tiny for a trial")
  add("--steps", type=int, default=20, help="timed calls of a row (%(default)s)")
  add("--peers", type=pathlib.Path, help="JSON file of other programs; see above")
  add("--rounds", type=int, default=3, help="beside each peer (%(default)s)")
  add("--compilers", type=int, default=0, help="processes that compile all rows first")
  add("--row", type=json.loads, help=argparse.SUPPRESS)
  options = parser.parse_args(argv)
  if options.row:
    print(json.dumps(measure.measure(options.row, options.steps)))
    return 0
  for name, known in (("configs", rows.KNOWN), ("only", rows.KINDS)):
    if unknown := set(vars(options)[name] or ()) - set(known):
      parser.error(f"--{name}: {', '.join(unknown)}? Known are {', '.join(known)}.")
  options.output.mkdir(parents=True, exist_ok=True)
  peers = json.loads(options.peers.read_text()) if options.peers else []
  agreeing, timed = rows.KNOWN, rows.TIMED
  if options.configs is not None:
    agreeing = timed = options.configs
  planned = rows.rows(agreeing, timed, options.variant, peers)
  wanted = [row for row in planned if row["what"] in options.only]
  if options.compilers:
    compile_all(wanted, options.compilers)
  found = []
  for row in wanted:
    found.append(measured(row, options.steps, options.rounds))
    print(report(found[-1:]).splitlines()[-1], flush=True)
    # After each row, as the device may be gone at any time.
    (options.output / "report.json").write_text(json.dumps(found, indent=1) + "\n")
    (options.output / "report.md").write_text(report(found))
  return int(any("error" in row or row.get("agrees") is False for row in found))


if __name__ == "__main__":
  sys.exit(main(sys.argv[1:]))
