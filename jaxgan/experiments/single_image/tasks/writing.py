"""Sizes and files that the tasks have in common."""
import pathlib
import re

import numpy as np

from jaxgan.engine import summaries
from jaxgan.errors import UserError
from jaxgan.experiments.single_image.restored import Restored, Size


def chosen_sizes(source: Restored, size: str, scale: str) -> tuple[Size, ...]:
  """Sizes of all stages for the options `--size=WIDTHxHEIGHT` and `--scale`.

  Args:
    source: the trained run.
    size: such as "400x250"; "" for as trained.
    scale: such as "2", or "2x1" for the width and the height; "1" for as trained.

  Raises:
    UserError: if they cannot be read, or both are given.
  """
  if size and scale not in ("", "1"):
    raise UserError(f"--size={size} and --scale={scale}: give one of them.")
  if size:
    width, height = _pair("size", size, int)
    return source.sized((height, width))
  if scale in ("", "1"):
    return source.sizes
  width, height = _pair("scale", scale, float)
  return source.scaled(height, width)


def _pair(name: str, text: str, kind: type) -> tuple:
  parts = re.split(r"[x,]", text)
  try:
    width, height = (kind(part) for part in (parts * 2 if len(parts) == 1 else parts))
  except ValueError:
    width = height = 0
  if not (width > 0 and height > 0):
    raise UserError(f"--{name}={text} is not WIDTHxHEIGHT, such as "
                    f"{'400x250' if kind is int else '2x1'}.")
  return width, height


def write_images(output: pathlib.Path, images: np.ndarray,
                 columns: int = 0) -> pathlib.Path:
  """Images in [-1, 1] as a grid (.png) or a folder of files.

  Raises:
    UserError: for another suffix.
  """
  pixels = summaries.to_uint8(images)
  suffix = output.suffix.lower()
  if suffix == ".png":
    summaries.write_png(output, summaries.grid(pixels, columns))
  elif suffix:
    raise UserError(f"--output={output}: name a grid .png, or a folder of files "
                    "without a suffix.")
  else:
    for i, image in enumerate(pixels):
      summaries.write_png(output / f"{i:05d}.png", image)
  return output
