r"""Breaks trainings in many ways, starts them again, and checks that nothing is lost.

  python -m benchmarks.faults --count=1000 --output=faults.json
  python -m benchmarks.faults --count=20 --families=dcgan --kinds=kill,flip --seed=3

Each run is a small training of a family. A fault strikes at a random moment, or between
two starts; the run is started again and again, until it is done. Then its last
checkpoint must equal, bit for bit, that of a run that was left alone; or else one line,
without a traceback, must have said why not. Everything happens in a temporary folder.
"""

import argparse
import collections
from collections.abc import Iterator, Sequence
import json
import pathlib
import random
import shutil
import sys
import tempfile

from benchmarks.faults.run import FAMILIES, Run, same
from benchmarks.faults.strikes import KINDS

STARTS = 12  # Of one run, before it is left alone so that it can finish.


def campaign(
  folder: pathlib.Path, count: int, families: Sequence[str], kinds: Sequence[str], seed
) -> Iterator[dict]:
  """Yields a record of each fault: family, kind, outcome ("same", "said") or "lost"."""
  rng = random.Random(seed)
  caches = folder / "caches"
  caches.mkdir(parents=True)
  alone = {}
  for family in families:
    run = Run(family, folder / f"alone_{family}", caches)
    ended = run.wait(run.start())
    if ended.status:
      raise SystemExit(f"error: {family} fails without any fault:\n{ended.log[-2000:]}")
    alone[family] = run.result(), run.wait(run.start()).seconds + ended.seconds / 2
  done, number = 0, 0
  while done < count:
    # Families that start faster more often: more faults an hour, and as much time each.
    (family,) = rng.choices(list(families), [1 / alone[name][1] for name in families])
    number += 1
    run = Run(family, folder / str(number), folder / str(number) / "caches")
    shutil.copytree(caches, run.folder / "caches")
    records = list(_one_run(run, alone[family], rng, kinds, min(STARTS, count - done)))
    done += len(records)
    yield from records
    if all(record["outcome"] != "lost" for record in records):
      shutil.rmtree(run.folder)


def _one_run(run: Run, alone, rng, kinds, most: int) -> Iterator[dict]:
  """Faults of one run until it is done, and what became of it."""
  wanted, usual = alone
  records, ended = [], None
  for _ in range(most):
    kind = rng.choice(list(kinds))
    struck = KINDS[kind].apply(run, rng, usual)
    if struck is None:
      continue  # There is nothing of that kind to break yet.
    ended = struck
    answers = ended.status in KINDS[kind].answers and ended.clean
    right = answers and (ended.status != 2 or bool(ended.line))
    records.append(dict(family=run.family, kind=kind, status=ended.status))
    if not right:
      records[-1] |= dict(outcome="lost", log=ended.log[-3000:])
    if ended.status == 0 or not right or ended.line:
      break
  if ended is None or ended.status:
    ended = run.wait(run.start())
  if ended.status == 0 and same(run.result(), wanted):
    outcome = "same"
  else:
    outcome = "said" if ended.line else "lost"
  for record in records:
    record["end"] = ended.status
    record.setdefault("outcome", outcome)
    if outcome == "said":
      record["line"] = ended.line
    elif outcome == "lost":
      record.setdefault("log", ended.log[-3000:])
  yield from records


def table(records: Sequence[dict]) -> str:
  """Counts of outcomes by kind."""
  counts = collections.Counter((r["kind"], r["outcome"]) for r in records)
  lines = [f"{'kind':16}{'faults':>8}{'same':>8}{'said':>8}{'lost':>8}"]
  for kind in [*dict.fromkeys(r["kind"] for r in records), "all"]:
    of = lambda outcome, kind=kind: sum(
      n for (k, o), n in counts.items() if o == outcome and kind in (k, "all")
    )
    row = [of(outcome) for outcome in ("same", "said", "lost")]
    lines.append(f"{kind:16}{sum(row):8}" + "".join(f"{n:8}" for n in row))
  return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
  """Runs the campaign; 1 if anything was lost."""
  parser = argparse.ArgumentParser(
    prog="python -m benchmarks.faults",
    description=__doc__,
    formatter_class=argparse.RawDescriptionHelpFormatter,
  )
  split = lambda text: text.split(",")
  add = parser.add_argument
  add("--count", type=int, default=20, help="of faults in all (%(default)s)")
  add("--families", type=split, default=list(FAMILIES), help=",".join(FAMILIES))
  add("--kinds", type=split, default=list(KINDS), help=",".join(KINDS))
  add("--seed", type=int, default=0, help="of what strikes when (%(default)s)")
  add("--output", type=pathlib.Path, help="JSON file with a record of each fault")
  options = parser.parse_args(argv)
  for name, given, known in (
    ("families", options.families, FAMILIES),
    ("kinds", options.kinds, KINDS),
  ):
    if unknown := set(given) - set(known):
      parser.error(f"--{name}: {', '.join(unknown)}? Known are {', '.join(known)}.")
  records = []
  with tempfile.TemporaryDirectory(prefix="faults.") as folder:
    for record in campaign(
      pathlib.Path(folder), options.count, options.families, options.kinds, options.seed
    ):
      records.append(record)
      if record["outcome"] == "lost":
        print(json.dumps(record, indent=2), flush=True)
      if options.output:
        options.output.write_text(json.dumps(records, indent=1) + "\n")
  print(table(records))
  return int(any(record["outcome"] == "lost" for record in records))


if __name__ == "__main__":
  sys.exit(main(sys.argv[1:]))
