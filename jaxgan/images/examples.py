"""Photographs and textures that scikit-image's wheel holds: no download, ever."""

import importlib.resources

import numpy as np
from PIL import Image

from jaxgan.errors import UserError, nearest

PREFIX = "shipped:"  # An image is named so wherever a file could be named.
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle_left")
TEXTURES = ("brick", "grass", "gravel", "hubble_deep_field", "ihc", "retina", "moon")
_JPEG = ("rocket", "hubble_deep_field", "retina")


def is_name(text: str) -> bool:
  """Whether it is PREFIX and the name of an image."""
  name = text.removeprefix(PREFIX)
  return name != text and name in PHOTOGRAPHS + TEXTURES


def load(name: str) -> np.ndarray:
  """An image by its name: uint8 [h, w, 3].

  Raises:
    UserError: it is none of `PHOTOGRAPHS` and `TEXTURES`.
  """
  known = PHOTOGRAPHS + TEXTURES
  if name not in known:
    raise UserError(f"{PREFIX}{name}: no such image is shipped: {nearest(name, known)}")
  # scikit-image's own functions would import SciPy and imageio, which takes a second.
  file = f"{name}.jpg" if name in _JPEG else f"{name}.png"
  with importlib.resources.files("skimage.data").joinpath(file).open("rb") as stream:
    return np.asarray(Image.open(stream).convert("RGB"))
