r"""Measures the images of trained runs, mostly against real ones.

One run gives a JSON line; a folder of runs a table, with the medians below it.

  python -m jaxgan.evaluate --workdir=runs/dcgan_anime --num=2000
  python -m jaxgan.evaluate --workdir=runs/dcgan_anime --inception=weights.npz
  python -m jaxgan.evaluate --workdir=runs/photos --output=table.jsonl

Distances are on VGG16 features (`fd_vgg16`, `kid_vgg16`): they rank runs on the same
data by the same command, and are not comparable with published FID. FID needs the
Inception weights that define it; `jaxgan.features.inception` describes their file.
X_interval is half of X's 95 % interval over the images that were made and compared
with; the protocol says how many. It knows nothing of a second training.
"""

import statistics

from jaxgan import errors, options, pretrained


def find_runs(name: str) -> list[str]:
  """The runs in a folder; if there are none, what was named is the one run."""
  folders = sorted(path.parent for path in errors.expanded(name).glob("*/config.json"))
  return list(map(str, folders)) or [name]


def table(rows: list[dict]) -> str:
  """One line a run, numbers in columns, and their medians if there are several.

  X_interval stands in the column of X, as X ±X_interval. Lists are left out. Text that
  is the same in all of several runs is written once, below the table.
  """
  columns = {name: [row.get(name, "") for row in rows] for row in rows for name in row}
  columns = {
    name: values
    for name, values in columns.items()
    if not any(isinstance(value, list) for value in values)
  }
  common = {
    name: values[0]
    for name, values in columns.items()
    if len(rows) > 1 and isinstance(values[0], str) and len(set(values)) == 1
  }
  columns = {name: x for name, x in columns.items() if name not in common}
  spreads = {name: columns.pop(f"{name}_interval", ()) for name in tuple(columns)}
  cells = [
    [name, *map(_cell, values, spreads[name] or [""] * len(rows))]
    for name, values in columns.items()
  ]
  if len(rows) > 1:
    for i, (column, values) in enumerate(zip(cells, columns.values(), strict=True)):
      column.append(_median(values) if i else "median")
  widths = [max(map(len, column)) for column in cells]
  lines = [
    "  ".join(
      cell.rjust(width) for cell, width in zip(line, widths, strict=True)
    ).rstrip()
    for line in zip(*cells, strict=True)
  ]
  return "\n".join(lines + [f"{name}: {text}" for name, text in common.items()])


def _median(values: list) -> str:
  """Of the numbers among the values; "" if there are none."""
  numbers = [
    x for x in values if isinstance(x, int | float) and not isinstance(x, bool)
  ]
  return _cell(statistics.median(numbers)) if numbers else ""


def _cell(value, spread="") -> str:
  text = f"{value:.5g}" if isinstance(value, float) else str(value)
  return f"{text} ±{spread:.2g}" if spread != "" else text


def main(argv: list[str]) -> None:
  """Evaluates and prints; with --output also writes the lines to a file."""
  parser = options.verb_parser("evaluate", __doc__)
  where = f"{options.WORKDIR}, or a folder of several runs"
  parser.add_argument("--workdir", required=True, help=where)
  parser.add_argument("--step", default="best", help="best, latest, or a step")
  parser.add_argument("--output", default="", help="file that the lines are added to")
  shared, _ = parser.parse_known_args(argv[1:])
  if shared.workdir == pretrained.PREFIX:
    options.write(pretrained.listing())
    return
  from jaxgan import runner  # Import JAX after the options are understood.
  from jaxgan.engine import run_files
  from jaxgan.images import writer

  names = find_runs(shared.workdir)
  opened = [runner.open_run(name, shared.step) for name in names]
  options.add_function(parser, *(family.evaluate for family, _ in opened))
  chosen = vars(parser.parse_args(argv[1:]))
  output = errors.expanded(shared.output)
  if shared.output:  # Told now rather than after the work.
    with writer.explained(output):
      output.parent.mkdir(parents=True, exist_ok=True)
      output.open("a").close()
  runner.setup()
  rows = []
  for family, run in opened:
    rows.append(
      {"workdir": run.name, "step": run.run_step()}
      | dict(options.call(family.evaluate, run, **chosen))
    )
    if shared.output:
      with writer.explained(output), output.open("a") as file:
        file.write(run_files.line(rows[-1]))
  options.write(run_files.line(rows[0]).strip() if len(rows) == 1 else table(rows))


if __name__ == "__main__":
  errors.run(main)
