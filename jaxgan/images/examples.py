"""Photographs and textures that scikit-image's wheel holds: no download, ever."""

import importlib.resources

import numpy as np
from PIL import Image

from jaxgan.errors import UserError, nearest

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle_left")
TEXTURES = ("brick", "grass", "gravel", "hubble_deep_field", "ihc", "retina", "moon")


def load(name: str) -> np.ndarray:
  """A picture by its name: uint8 [h, w, 3].

  Raises:
    UserError: if it is none of `PHOTOGRAPHS` and `TEXTURES`.
  """
  known = PHOTOGRAPHS + TEXTURES
  if name not in known:
    raise UserError(f"no picture {name!r} is shipped: {nearest(name, known)}")
  folder = importlib.resources.files("skimage") / "data"
  file = next(
    file for file in folder.iterdir() if file.name in (f"{name}.png", f"{name}.jpg")
  )
  with file.open("rb") as stream, Image.open(stream) as image:
    return np.asarray(image.convert("RGB"))
