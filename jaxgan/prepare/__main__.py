r"""Prepares images for training: packs them, or cuts faces out of illustrations.
Also makes a run out of what ConSinGAN's PyTorch program has trained.

python -m jaxgan.prepare pack --input=FOLDER --output=faces.npy --size=96
python -m jaxgan.prepare faces --input=FOLDER --output=FOLDER [--size=96 --margin=0.5]
python -m jaxgan.prepare consingan --netG=netG.pth --noise_amp=noise_amp.pth \
    --image=PHOTO.jpg --workdir=DIR [--fixed_noise=fixed_noise.pth] [--config=...]
"""

import argparse
import csv
import dataclasses
import os
from pathlib import Path

from absl import logging
import numpy as np

from jaxgan import errors
from jaxgan.data import packed as packed_lib
from jaxgan.prepare import detection, faces

_ROWS = 1024


def main(argv: list[str]) -> None:
  """Runs the command that the arguments name; argv[0] is the program."""
  parser = _parser()
  arguments, rest = parser.parse_known_args(argv[1:])
  if rest and arguments.run is not _consingan:  # Whose rest belongs to its config.
    parser.error(f"unrecognized arguments: {' '.join(rest)}")
  arguments.rest = rest
  arguments.run(arguments)


def _parser() -> argparse.ArgumentParser:
  parser = argparse.ArgumentParser(
    prog="python -m jaxgan.prepare", description=__doc__.splitlines()[0]
  )
  commands = parser.add_subparsers(required=True, metavar="pack | faces | consingan")

  pack = commands.add_parser("pack", help="images of any kind to one .npy file")
  pack.set_defaults(run=_pack)
  pack.add_argument("--input", required=True, help="as config.data.path")
  pack.add_argument("--output", required=True, help="FILE.npy; labels go to FILE.csv")
  pack.add_argument("--size", type=_size, default=(96, 96), help="96 or HEIGHTxWIDTH")
  pack.add_argument("--channels", type=int, choices=(1, 3), default=3)
  pack.add_argument("--split", default="train")
  pack.add_argument("--only", default="", help="keep one class")
  pack.add_argument("--labels", default="", help="CSV file: file,attribute,...")

  defaults = detection.Settings()
  cut = commands.add_parser("faces", help="cut faces out of illustrations")
  cut.set_defaults(run=_faces)
  cut.add_argument("--input", required=True, help="a folder of illustrations")
  cut.add_argument("--output", required=True, help="a new folder")
  cut.add_argument("--num-processes", type=int, default=os.cpu_count())
  for field in dataclasses.fields(detection.Settings):
    default = getattr(defaults, field.name)
    flag = f"--{field.name.replace('_', '-')}"
    cut.add_argument(flag, type=type(default), default=default, help=f"({default})")

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


def _size(text: str) -> tuple[int, int]:
  """ "96" or "64x128" to (height, width)."""
  height, _, width = text.partition("x")
  return int(height), int(width or height)


def _pack(arguments: argparse.Namespace) -> None:
  output = Path(arguments.output).expanduser()
  labels_file = output.with_suffix(".csv")
  if output.suffix != ".npy":
    raise errors.UserError(f"{output}: --output must end in .npy")
  for path in (output, labels_file):
    if path.exists():
      raise errors.UserError(f"{path}: exists already; choose another --output")
  packed = packed_lib.load(
    arguments.input,
    size=arguments.size,
    channels=arguments.channels,
    split=arguments.split,
    only=arguments.only,
    labels=arguments.labels,
  )
  output.parent.mkdir(parents=True, exist_ok=True)
  if packed.labels:
    _write_labels(labels_file, packed)
  _write_images(output, packed)
  logging.info("%s: %d images, %d skipped", output, len(packed), packed.skipped)


def _write_images(output: Path, packed: packed_lib.Packed) -> None:
  images = packed.images
  scratch = output.with_name(f".{output.name}.{os.getpid()}")
  try:
    with open(scratch, "wb") as file:
      header = {"descr": "|u1", "fortran_order": False, "shape": images.shape}
      np.lib.format.write_array_header_1_0(file, header)
      for first in range(0, len(images), _ROWS):
        file.write(np.ascontiguousarray(images[first : first + _ROWS]).tobytes())
    scratch.rename(output)
  finally:
    scratch.unlink(missing_ok=True)


def _write_labels(path: Path, packed: packed_lib.Packed) -> None:
  with open(path, "w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file)
    writer.writerow(["row", *packed.labels])
    for i in range(len(packed)):
      names = [
        packed.classes[attribute][values[i]] if values[i] >= 0 else ""
        for attribute, values in packed.labels.items()
      ]
      writer.writerow([i, *names])


def _faces(arguments: argparse.Namespace) -> None:
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
  convert.write_run(config, files, Path(arguments.workdir))


if __name__ == "__main__":
  errors.run(main)
