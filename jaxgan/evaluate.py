r"""Judges trained runs: how their images compare with real ones.

One run gives a JSON line; a folder of runs a table, with the medians below it.

  python -m jaxgan.evaluate --workdir=runs/dcgan_anime --num=2000
  python -m jaxgan.evaluate --workdir=runs/dcgan_anime --inception=weights.npz
  python -m jaxgan.evaluate --workdir=runs/photos --output=table.jsonl

Distances are on VGG16 features (`fd_vgg16`, `kid_vgg16`): they rank runs on the same
data by the same command, and are not comparable with published FID. Real FID needs the
Inception weights it is defined by; `jaxgan.features.inception` tells the file's format.
"""

import argparse
import json
import pathlib
import statistics

from jaxgan import errors, options


def find_runs(folder: pathlib.Path) -> list[pathlib.Path]:
  """The folders of runs in a folder; else itself, as the one run."""
  return sorted(path.parent for path in folder.glob("*/config.json")) or [folder]


def table(rows: list[dict]) -> str:
  """One line a run, numbers in columns, and their medians if there are several.

  Lists are left out, and text that is the same in all of several runs is said once,
  below.
  """
  names = [
    name
    for name in dict.fromkeys(name for row in rows for name in row)
    if not any(isinstance(row.get(name), list) for row in rows)
  ]
  column = lambda name: [row.get(name, "") for row in rows]
  common = {
    name: rows[0][name]
    for name in names
    if len(rows) > 1
    and isinstance(rows[0].get(name), str)
    and len(set(column(name))) == 1
  }
  names = [name for name in names if name not in common]
  shown = [{name: _shown(row.get(name, "")) for name in names} for row in rows]
  if len(rows) > 1:
    numbers = {
      name: [
        x
        for x in column(name)
        if isinstance(x, int | float) and not isinstance(x, bool)
      ]
      for name in names
    }
    shown.append(
      {
        name: _shown(statistics.median(values)) if values else ""
        for name, values in numbers.items()
      }
      | {names[0]: "median"}
    )
  lines = [{name: name for name in names}, *shown]
  widths = {name: max(len(line[name]) for line in lines) for name in names}
  aligned = [
    "  ".join(line[name].rjust(widths[name]) for name in names).rstrip()
    for line in lines
  ]
  return "\n".join(aligned + [f"{name}: {text}" for name, text in common.items()])


def _shown(value) -> str:
  return f"{value:.5g}" if isinstance(value, float) else str(value)


def main(argv: list[str]) -> None:
  """Evaluates and prints; with --output also writes the lines to a file."""
  parser = options.Parser(
    prog="python -m jaxgan.evaluate",
    description=__doc__,
    formatter_class=argparse.RawTextHelpFormatter,
    allow_abbrev=False,
  )
  parser.add_argument("--workdir", required=True, help="folder of a run, or of several")
  parser.add_argument("--step", default="best", help="best, latest, or a step")
  parser.add_argument("--output", default="", help="file that the lines are added to")
  shared, _ = parser.parse_known_args(argv[1:])
  from jaxgan import runner  # Import JAX after the options are understood.

  folders = find_runs(pathlib.Path(shared.workdir))
  opened = [runner.open_run(folder, shared.step) for folder in folders]
  families = {run.config.experiment: family for family, run in opened}
  if len(families) > 1:
    raise errors.UserError(
      f"{shared.workdir} holds runs of {' and '.join(families)}: "
      "evaluate those of one kind at a time."
    )
  (family,) = families.values()
  evaluate = family.evaluate
  options.add_function(parser, evaluate)
  chosen = vars(parser.parse_args(argv[1:]))
  runner.setup()
  rows = []
  for _, run in opened:
    rows.append(
      {"workdir": str(run.workdir), "step": run.run_step()}
      | dict(options.call(evaluate, run, **chosen))
    )
    if shared.output:
      with pathlib.Path(shared.output).open("a") as file:
        file.write(json.dumps(rows[-1]) + "\n")
  options.write(json.dumps(rows[0]) if len(rows) == 1 else table(rows))


if __name__ == "__main__":
  errors.run(main)
