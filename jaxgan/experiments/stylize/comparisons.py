"""Sheets of pictures side by side."""

from collections.abc import Iterable, Sequence
import itertools
import pathlib

import numpy as np
from PIL import Image, ImageDraw

from jaxgan.errors import UserError
from jaxgan.experiments.stylize.inference import Painter
from jaxgan.images import reader, sheets
from jaxgan.images.inputs import Photograph

AT_ONCE = 4  # Pictures in a batch.
TITLE = 20  # Pixels for the names above.


def named(output: pathlib.Path) -> pathlib.Path:
  """The output, if it names a PNG file; else a UserError."""
  if output.suffix.lower() != ".png":
    raise UserError(f"--output={output}: a sheet is one .png file.")
  return output


def squares(photos: Iterable[Photograph], num: int, size: int) -> np.ndarray:
  """The first photographs as squares, uint8 [n, size, size, 3]."""
  if num < 1 or size < 8:
    raise UserError(f"--num={num}, --size={size}: must be at least 1 and 8.")
  return np.stack(
    [
      reader.fit(Image.fromarray(photo.pixels), (size, size))
      for photo in itertools.islice(photos, num)
    ]
  )


def _paint(painter: Painter, images: np.ndarray, weights: np.ndarray) -> np.ndarray:
  """uint8 [n, h, w, 3] of images and as many weights [n, styles]."""
  made = [
    painter.batch(images[i : i + AT_ONCE], weights[i : i + AT_ONCE])
    for i in range(0, len(images), AT_ONCE)
  ]
  return np.round(255 * np.concatenate(made)).astype(np.uint8)


def grid(painter: Painter, photos: np.ndarray, names: Sequence[str]) -> np.ndarray:
  """Photographs and what becomes of them in each style, uint8 [h, w, 3]."""
  one_hot = np.eye(len(painter.names), dtype=np.float32)
  weights = one_hot[[painter.names.index(name) for name in names]]
  rows = [
    np.concatenate(
      [photo[None], _paint(painter, np.repeat(photo[None], len(names), 0), weights)]
    )
    for photo in photos
  ]
  sheet = sheets.grid(np.concatenate(rows), columns=len(names) + 1)
  return np.concatenate([_titles(["", *names], photos.shape[2]), sheet])


def _titles(names: Sequence[str], width: int) -> np.ndarray:
  """Names above columns, uint8 [TITLE, n * width, 3]."""
  image = Image.new("RGB", (width * len(names), TITLE), "white")
  draw = ImageDraw.Draw(image)
  for i, name in enumerate(names):
    # Pillow's own font has Latin letters only.
    draw.text(
      (i * width + 4, 4),
      name.encode("latin-1", "replace").decode("latin-1"),
      fill="black",
    )
  return np.asarray(image)


def blend(
  painter: Painter, photo: np.ndarray, names: Sequence[str], num: int
) -> np.ndarray:
  """One photograph in bilinear mixtures of styles at the corners, uint8 [h, w, 3]."""
  if num < 2 or len(names) not in (2, 3, 4):
    raise UserError(
      f"--num={num}, {len(names)} style(s): mix two to four styles, on "
      "two pictures a side or more."
    )
  corners = [*names, *names[-1:] * (4 - len(names))]
  if len(names) == 2:
    corners = [*names, *names]
  share = np.linspace(0, 1, num, dtype=np.float32)
  down = share[:1] if len(names) == 2 else share
  weights = np.zeros((len(down) * num, len(painter.names)), np.float32)
  for i, (y, x) in enumerate(itertools.product(down, share)):
    shares = ((1 - y) * (1 - x), (1 - y) * x, y * (1 - x), y * x)
    for name, value in zip(corners, shares, strict=True):
      weights[i, painter.names.index(name)] += value
  made = _paint(painter, np.repeat(photo[None], len(weights), 0), weights)
  return sheets.grid(made, columns=num)
