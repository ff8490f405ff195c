"""Sheets of images side by side: photographs by styles, and mixtures of styles."""

from collections.abc import Sequence
import itertools
import pathlib

import numpy as np
from PIL import Image, ImageDraw

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import arguments, outputs, style_weights
from jaxgan.experiments.stylize.inference import Painter, open_painter
from jaxgan.experiments.stylize.tasks import sized
from jaxgan.images import inputs, sheets, writer

TITLE = 20  # Pixels for the names above the columns.


def grid(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  num: int = 4,
  style: str = "",
  size: str = "256",
  batch_size: int = 4,
) -> pathlib.Path:
  """A sheet (.png): photographs down, styles across.

  Args:
    input: photographs: a file, a folder, a glob in quotes, or shipped:NAME.
    num: photographs at most.
    style: names of styles; all if not given.
    size: side of every image in pixels, cut from the middle; or HEIGHTxWIDTH.
    batch_size: images at once.
  """
  _check(output, input, num, batch_size)
  shape = _shape(size)
  painter = open_painter(run, output, style)
  names = list(style_weights.parse(style, painter.names)) or list(painter.names)
  columns = len(names) + 1
  num = min(num, len(inputs.files(input)))
  arguments.check_sheet(num, shape[0], columns * shape[1], columns=1)
  photos = sized.read_cells(input, num, shape)
  one_hot = np.eye(len(painter.names), dtype=np.float32)
  weights = one_hot[[painter.names.index(name) for name in names]]
  rows = [
    np.concatenate([photo[None], _paint(painter, photo, weights, batch_size)])
    for photo in photos
  ]
  sheet = sheets.grid(np.concatenate(rows), columns=columns)
  titled = np.concatenate([_titles(["", *names], shape[1]), sheet])
  writer.write_png(output, titled)
  return output


def blend(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  style: str = "",
  num: int = 5,
  size: str = "256",
  batch_size: int = 4,
) -> pathlib.Path:
  """A sheet (.png) of one photograph whose corners have four styles, mixed between.

  Args:
    input: a photograph, or shipped:NAME.
    style: four names: top left, top right, bottom left, bottom right; two make a row.
    num: images a side.
    size: side of every image in pixels, cut from the middle; or HEIGHTxWIDTH.
    batch_size: images at once.
  """
  _check(output, input, num, batch_size, least=2)
  shape = _shape(size)
  painter = open_painter(run, output, style)
  names = list(style_weights.parse(style, painter.names)) or list(painter.names[:4])
  if len(names) not in (2, 3, 4):
    raise UserError(f"--style has {len(names)} style(s): mix two to four.")
  rows = 1 if len(names) == 2 else num
  arguments.check_sheet(num, rows * shape[0], shape[1], columns=num)
  weights = bilinear_weights(names, painter.names, rows, num)
  (photo,) = sized.read_cells(input, 1, shape)
  images = _paint(painter, photo, weights, batch_size)
  writer.write_png(output, sheets.grid(images, columns=num))
  return output


def _check(
  output: pathlib.Path, input: str, num: int, batch_size: int, least: int = 1
) -> None:
  """Raises UserError for an option that makes no sense."""
  arguments.check_input(input)
  arguments.check_num(num, least=least)
  arguments.check_num(batch_size, name="batch_size")
  if output.suffix.lower() != ".png":
    raise UserError(f"--output={output}: a sheet is one .png file.")
  outputs.check_apart(output, input=input)


def _shape(text: str) -> tuple[int, int]:
  """--size to (height, width) of each image; one number makes squares."""
  size = arguments.size(text)
  shape = (size, size) if isinstance(size, int) else size
  if min(shape) < 8:
    raise UserError(f"--size={text}: images on a sheet have 8 pixels a side or more.")
  return shape


def _paint(
  painter: Painter, photo: np.ndarray, weights: np.ndarray, batch_size: int
) -> np.ndarray:
  """One photograph in each style of weights [n, styles], uint8 [n, h, w, 3]."""
  batches = [
    weights[first : first + batch_size] for first in range(0, len(weights), batch_size)
  ]
  return np.concatenate(
    [painter.batch(np.repeat(photo[None], len(style), 0), style) for style in batches]
  )


def _titles(names: Sequence[str], width: int) -> np.ndarray:
  """Names above columns, uint8 [TITLE, n * width, 3]."""
  image = Image.new("RGB", (width * len(names), TITLE), "white")
  draw = ImageDraw.Draw(image)
  for i, name in enumerate(names):
    # Pillow's own font has Latin letters only.
    text = name.encode("latin-1", "replace").decode("latin-1")
    draw.text((i * width + 4, 4), text, fill="black")
  return np.asarray(image)


def bilinear_weights(
  names: Sequence[str], known: Sequence[str], rows: int, columns: int
) -> np.ndarray:
  """Weights [rows * columns, known] of a sheet with some styles in its corners."""
  corners = [*names, *(names if len(names) == 2 else names[-1:] * (4 - len(names)))]
  down, across = (np.linspace(0, 1, num, dtype=np.float32) for num in (rows, columns))
  weights = np.zeros((rows * columns, len(known)), np.float32)
  for i, (y, x) in enumerate(itertools.product(down, across)):
    shares = ((1 - y) * (1 - x), (1 - y) * x, y * (1 - x), y * x)
    for name, share in zip(corners, shares, strict=True):
      weights[i, known.index(name)] += share
  return weights
