r"""Judges a trained run: how its images compare with real ones; prints one JSON line.

  python -m jaxgan.evaluate --workdir=runs/dcgan_anime --num=2000
  python -m jaxgan.evaluate --workdir=runs/dcgan_anime --inception=weights.npz

Distances are on VGG16 features (`fd_vgg16`, `kid_vgg16`): they rank runs on the same
data by the same command, and are not comparable with published FID. Real FID needs the
Inception weights it is defined by; see `jaxgan.nets.inception` for the file's format.
"""
import argparse
import json
import pathlib

from jaxgan import errors, options


def main(argv: list[str]) -> None:
  """Evaluates and prints; with --output also writes the line to a file."""
  parser = options.Parser(prog="python -m jaxgan.evaluate", description=__doc__,
                          formatter_class=argparse.RawTextHelpFormatter,
                          allow_abbrev=False)
  parser.add_argument("--workdir", required=True, help="folder of a trained run")
  parser.add_argument("--step", default="best", help="best, latest, or a step")
  parser.add_argument("--output", default="", help="file that the line is added to")
  shared, _ = parser.parse_known_args(argv[1:])
  from jaxgan import engine, runner  # Import JAX after the options are understood.
  run = engine.workdir.load(pathlib.Path(shared.workdir), shared.step)
  evaluate = runner.find_experiment(run.config).evaluate
  options.add_function(parser, evaluate)
  chosen = vars(parser.parse_args(argv[1:]))
  runner.setup()
  results = {"workdir": str(run.workdir), "step": run.run_step()}
  results |= dict(options.call(evaluate, run, **chosen))
  line = json.dumps(results)
  options.write(line)
  if shared.output:
    with pathlib.Path(shared.output).open("a") as file:
      file.write(line + "\n")


if __name__ == "__main__":
  errors.run(main)
