"""Image files that exist whole or not at all."""

import pathlib

import numpy as np

from jaxgan.images import sheets


def write_png(path: pathlib.Path, image: np.ndarray) -> None:
  """uint8 [h, w, 1 | 3 | 4] to a PNG file that exists whole or not at all."""
  write_whole(path, sheets.encode_png(image))


def write_images(path: pathlib.Path, images: np.ndarray, columns: int = 0) -> None:
  """uint8 [n, h, w, c] to a grid, or to a folder of files if there is no suffix."""
  if path.suffix:
    write_png(path, sheets.grid(images, columns))
  else:
    for i, image in enumerate(images):
      write_png(path / f"{i:05d}.png", image)


def write_whole(path: pathlib.Path, content: bytes) -> None:
  path.parent.mkdir(parents=True, exist_ok=True)
  temporary = path.with_name(path.name + ".tmp")
  temporary.write_bytes(content)
  temporary.replace(path)
