"""Folders of gray images, and what the program reads of them."""

import numpy as np
from PIL import Image

from jaxgan.data import packed


def paint(folder, values):
  """PNG files of one gray each; values maps names to grays."""
  for name, value in values.items():
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8), value).save(path)
  return str(folder)


def grays(loaded):
  return np.asarray(loaded.images)[:, 0, 0, 0].tolist()


def load(path, **options):
  return packed.load(str(path), **{"size": (4, 4), "channels": 1} | options)
