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

from jaxgan import errors, options, pretrained, tables


def find_runs(name: str) -> list[str]:
  """The runs in a folder; if there are none, what was named is the one run."""
  folders = sorted(path.parent for path in errors.expanded(name).glob("*/config.json"))
  return list(map(str, folders)) or [name]


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
  options.write(
    run_files.line(rows[0]).strip() if len(rows) == 1 else tables.table(rows)
  )


if __name__ == "__main__":
  errors.run(main)
