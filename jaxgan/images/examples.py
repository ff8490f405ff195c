"""Images that need no download, ever: those of scikit-image's wheel, and a painting."""

import importlib.resources

import numpy as np
from PIL import Image

from jaxgan.errors import UserError, nearest

PREFIX = "shipped:"  # An image is named so wherever a file could be named.
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle_left")
TEXTURES = ("brick", "grass", "gravel", "hubble_deep_field", "ihc", "retina", "moon")
PAINTINGS = ("starry_night",)  # Van Gogh, 1889; in the public domain. Our own file.
SINGLE = PREFIX + "starry_night"  # To learn from alone: its parts can be elsewhere.
_KNOWN = PHOTOGRAPHS + TEXTURES + PAINTINGS
_JPEG = ("rocket", "hubble_deep_field", "retina", *PAINTINGS)


def is_name(text: str) -> bool:
  """Whether it is PREFIX and the name of an image."""
  name = text.removeprefix(PREFIX)
  return name != text and name in _KNOWN


def load(name: str) -> np.ndarray:
  """An image by its name: uint8 [h, w, 3].

  Raises:
    UserError: it is none of `PHOTOGRAPHS`, `TEXTURES` and `PAINTINGS`.
  """
  if name not in _KNOWN:
    hint = nearest(name, _KNOWN)
    raise UserError(f"{PREFIX}{name}: no such image is shipped: {hint}")
  # scikit-image's own functions would import SciPy and imageio, which takes a second.
  file = f"{name}.jpg" if name in _JPEG else f"{name}.png"
  package = "jaxgan.images" if name in PAINTINGS else "skimage.data"
  with importlib.resources.files(package).joinpath(file).open("rb") as stream:
    return np.asarray(Image.open(stream).convert("RGB"))
