r"""Prepares images for training, and adopts what other programs have trained.

python -m jaxgan.prepare pack --input=FOLDER --output=faces.npy --size=96
python -m jaxgan.prepare faces --input=FOLDER --output=FOLDER [--size=96 --margin=0.5]
python -m jaxgan.prepare consingan --netG=netG.pth --noise_amp=noise_amp.pth \
    --image=PHOTO.jpg --workdir=DIR [--fixed_noise=fixed_noise.pth] [--config=...]
"""

import argparse
import dataclasses
import os

from jaxgan import errors, options
from jaxgan.prepare import detection, faces, pack


def main(argv: list[str]) -> None:
  """Runs the command that the arguments name; argv[0] is the program."""
  parser = _parser()
  arguments, rest = parser.parse_known_args(argv[1:])
  if rest and arguments.run is not _consingan:  # Whose rest belongs to its config.
    parser.error(f"unrecognized arguments: {' '.join(rest)}")
  arguments.rest = rest
  arguments.run(arguments)


def _parser() -> argparse.ArgumentParser:
  parser = options.Parser(
    prog="python -m jaxgan.prepare", description=__doc__.splitlines()[0]
  )
  commands = parser.add_subparsers(required=True, metavar="pack | faces | consingan")

  packing = commands.add_parser("pack", help="images of any kind to one .npy file")
  packing.set_defaults(run=_pack)
  packing.add_argument("--input", required=True, help="as config.data.path")
  packing.add_argument(
    "--output", required=True, help="FILE.npy; labels go to FILE.csv"
  )
  packing.add_argument("--size", default="96", help="96 or HEIGHTxWIDTH (%(default)s)")
  packing.add_argument(
    "--channels",
    type=int,
    choices=(1, 3),
    default=3,
    help="gray, or color (%(default)s)",
  )
  packing.add_argument("--split", default="train", help="as in TFDS (%(default)s)")
  packing.add_argument("--only", default="", help="keep one class")
  packing.add_argument("--labels", default="", help="CSV file: file,attribute,...")

  defaults = detection.Settings()
  explained = options.explanations(detection.Settings)
  cut = commands.add_parser("faces", help="cut faces out of illustrations")
  cut.set_defaults(run=_faces)
  cut.add_argument("--input", required=True, help="a folder of illustrations")
  cut.add_argument("--output", required=True, help="a new folder")
  cut.add_argument(
    "--num-processes", type=int, default=os.cpu_count(), help="(%(default)s)"
  )
  for field in dataclasses.fields(detection.Settings):
    default = getattr(defaults, field.name)
    flag = f"--{field.name.replace('_', '-')}"
    text = f"{explained[field.name]} ({default})"
    cut.add_argument(flag, type=type(default), default=default, help=text)

  adopt = commands.add_parser(
    "consingan",
    allow_abbrev=False,
    help=("a run out of a published program's .pth or .npz files"),
  )
  adopt.set_defaults(run=_consingan)
  adopt.add_argument("--netG", required=True, help="netG.pth of the last stage")
  adopt.add_argument("--noise_amp", required=True, help="noise_amp.pth of the run")
  adopt.add_argument("--image", required=True, help="what the run was trained on")
  adopt.add_argument("--workdir", required=True, help="a new folder")
  adopt.add_argument("--fixed_noise", default="", help="fixed_noise.pth of the run")
  adopt.add_argument("--netD", default="", help="netD.pth of the last stage")
  adopt.add_argument(
    "--config",
    default="configs/consingan.py",
    help=("config of the run's kind; --config.FIELD=VALUE as for jaxgan.main"),
  )
  return parser


def _pack(arguments: argparse.Namespace) -> None:
  pack.pack_images(
    arguments.input,
    errors.expanded(arguments.output),
    size=pack.parse_size(arguments.size),
    channels=arguments.channels,
    split=arguments.split,
    only=arguments.only,
    labels=arguments.labels,
  )


def _faces(arguments: argparse.Namespace) -> None:
  from jaxgan.experiments.shared.arguments import check_seed  # Imports JAX.

  check_seed(arguments.seed)
  settings = detection.Settings(
    **{
      field.name: getattr(arguments, field.name)
      for field in dataclasses.fields(detection.Settings)
    }
  )
  faces.collect(
    arguments.input,
    arguments.output,
    settings,
    num_processes=max(1, arguments.num_processes),
  )


def _consingan(arguments: argparse.Namespace) -> None:
  from jaxgan import main as trainer

  trainer.parse(["prepare", f"--config={arguments.config}", *arguments.rest])
  config = trainer.FLAGS.config
  config.image = arguments.image
  from jaxgan import runner  # Import JAX after the options are understood.
  from jaxgan.prepare import convert

  runner.setup()
  files = convert.Files(
    arguments.netG, arguments.noise_amp, arguments.fixed_noise, arguments.netD
  )
  convert.write_run(config, files, errors.expanded(arguments.workdir))


if __name__ == "__main__":
  errors.run(main)
