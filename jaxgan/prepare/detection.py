"""Finding and cutting out the face of an illustration.

The recipe of the public anime face sets: the likeliest face of an image, half its
side of margin around it, 96x96 pixels.
"""

from collections.abc import Callable
import dataclasses
import hashlib
import io
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

from jaxgan import errors
from jaxgan.images import reader


@dataclasses.dataclass(frozen=True)
class Face:
  """A face in an image: (left, top, width, height) in pixels."""

  box: tuple[int, int, int, int]
  likelihood: float


Detector = Callable[[Image.Image], list[Face]]


@dataclasses.dataclass(frozen=True)
class Settings:
  """How faces are cut and which of them are kept.

  Attributes:
    size: side of the square result in pixels.
    margin: added on each side, as a fraction of the face's box.
    min_side: a crop with a shorter side, in pixels, is dropped as too small.
    min_contrast: a crop whose luminance (0 to 255) deviates less is dropped as flat.
    min_difference: a crop that differs from a kept one in fewer of the 256 bits of
      its difference hash is dropped as a duplicate. Among 9,368 faces of a public
      set, drawings that differ in 50 bits were still one drawing cropped twice, and
      faces of different drawings differed in 70 and more.
    seed: of the division into train and test.
  """

  size: int = 96
  margin: float = 0.5
  min_side: int = 48
  min_contrast: float = 12.0
  min_difference: int = 48
  seed: int = 0


@dataclasses.dataclass(frozen=True)
class Crop:
  """The face of an image; or, in `dropped`, why there is none."""

  source: str
  dropped: str = ""
  name: str = ""
  face: Face | None = None
  bits: bytes = b""
  jpeg: bytes = b""


def detect(image: Image.Image) -> list[Face]:
  """Faces of an RGB drawing, found by the package animeface.

  Raises:
    UserError: animeface is not installed, or Pillow is too new for it.
  """
  try:
    import animeface
  except ImportError as error:
    raise errors.UserError(
      "finding faces needs animeface; run: pip install -e '.[faces]'"
    ) from error
  if int(PIL.__version__.partition(".")[0]) >= 12:
    # It reads the memory of Pillow's images as it was laid out before 12, and
    # finds nothing in newer ones without a word.
    raise errors.UserError(
      f"animeface finds no face with Pillow {PIL.__version__}; run:"
      ' pip install "pillow<12"'
    )
  boxes = [(found.face.pos, found.likelihood) for found in animeface.detect(image)]
  return [
    Face((box.x, box.y, box.width, box.height), float(likelihood))
    for box, likelihood in boxes
  ]


def crop(task: tuple[Path, str, Settings, Detector]) -> Crop:
  """The likeliest face of one image."""
  place, name, settings, detector = task
  try:
    raw = (place / name).read_bytes()
    image = reader.read(io.BytesIO(raw), channels=3)
  except (OSError, reader.UnreadableError):
    return Crop(name, "unreadable")
  found = detector(image)
  if not found:
    return Crop(name, "no face")
  face = max(found, key=lambda face: face.likelihood)
  left, top, width, height = face.box
  wide, high = settings.margin * width, settings.margin * height
  cut = image.crop(
    (
      max(0, round(left - wide)),
      max(0, round(top - high)),
      min(image.width, round(left + width + wide)),
      min(image.height, round(top + height + high)),
    )
  )
  if min(cut.size) < settings.min_side:
    return Crop(name, "too small")
  result = Image.fromarray(reader.fit(cut, (settings.size, settings.size)))
  gray = result.convert("L")
  if np.asarray(gray).std() < settings.min_contrast:
    return Crop(name, "flat")
  file = io.BytesIO()
  result.save(file, "JPEG", quality=95)
  stem = hashlib.md5(raw, usedforsecurity=False).hexdigest()
  return Crop(name, "", f"{stem}-0.jpg", face, difference_hash(gray), file.getvalue())


def difference_hash(gray: Image.Image) -> bytes:
  """256 bits: whether each pixel of a 16x16 version is darker than the next one."""
  small = np.asarray(gray.resize((17, 16), Image.Resampling.LANCZOS), np.int16)
  return np.packbits(small[:, 1:] > small[:, :-1]).tobytes()
