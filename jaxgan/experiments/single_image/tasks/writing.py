"""Sizes and files that the tasks have in common."""

import pathlib
import re

import numpy as np

from jaxgan.errors import UserError
from jaxgan.experiments.single_image.inference import Restored, Size
from jaxgan.images import sheets, writer


def chosen_sizes(source: Restored, size: str, scale: str) -> tuple[Size, ...]:
  """Sizes of all stages for the options `--size=HEIGHTxWIDTH` and `--scale`.

  Args:
    source: the trained run.
    size: such as "250x400"; "" for as trained.
    scale: such as "2", or "1x2" for the height and the width; "1" for as trained.

  Raises:
    UserError: if they cannot be read, or both are given.
  """
  if size and scale not in ("", "1"):
    raise UserError(f"--size={size} and --scale={scale}: give one of them.")
  if size:
    height, width = _pair("size", size, int)
    return source.sized((height, width))
  if scale in ("", "1"):
    return source.sizes
  height, width = _pair("scale", scale, float)
  return source.scaled(height, width)


def _pair(name: str, text: str, kind: type) -> tuple:
  parts = re.split(r"[x,]", text)
  try:
    height, width = (kind(part) for part in (parts * 2 if len(parts) == 1 else parts))
  except ValueError:
    height = width = 0
  if not (height > 0 and width > 0):
    raise UserError(
      f"--{name}={text} is not HEIGHTxWIDTH, such as "
      f"{'250x400' if kind is int else '1x2'}."
    )
  return height, width


def write_images(
  output: pathlib.Path, images: np.ndarray, columns: int = 0
) -> pathlib.Path:
  """Images in [-1, 1] as a grid (.png) or a folder of files.

  Raises:
    UserError: for another suffix.
  """
  if output.suffix.lower() not in ("", ".png"):
    raise UserError(
      f"--output={output}: name a grid .png, or a folder of files without a suffix."
    )
  writer.write_images(output, sheets.to_uint8(images), columns)
  return output
