"""One picture of any kind, with the channels it has: what a single-image GAN learns."""

from collections.abc import Iterator
import os
import pathlib

import numpy as np
from PIL import Image, ImageOps

from jaxgan.errors import UserError
from jaxgan.images import examples

DEFAULT = "rocket"  # A scene whose parts can be elsewhere, and not too dark.
PREFIX = "shipped:"
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def load(source: str | os.PathLike, *, channels: int = 0) -> np.ndarray:
  """Reads a picture: uint8 [h, w, c].

  Gray pictures have one channel, others three; four only if they have transparency
  that varies, since a constant alpha carries nothing. 16 bits become 8, EXIF rotation
  is undone.

  Args:
    source: a file; "shipped:NAME", a picture that needs no download; or "", one.
    channels: 1, 3 or 4 to convert; 0 keeps what the picture has.

  Raises:
    UserError: if it cannot be read.
  """
  if str(source) == "" or str(source).startswith(PREFIX):
    image = Image.fromarray(examples.load(str(source).removeprefix(PREFIX) or DEFAULT))
  else:
    image = _open(pathlib.Path(source))
  if channels:
    image = image.convert(_MODES[channels])
  elif image.mode == "RGBA" and len(set(image.getchannel("A").getextrema())) == 1:
    image = image.convert("RGB")
  pixels = np.asarray(image)
  return pixels[..., None] if pixels.ndim == 2 else pixels


def _open(path: pathlib.Path) -> Image.Image:
  """A file as "L", "RGB" or "RGBA"."""
  try:
    with Image.open(path) as image:
      return _plain(ImageOps.exif_transpose(image))
  except FileNotFoundError as error:
    raise UserError(f"no image {path}: give the path of a picture.") from error
  except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
    raise UserError(
      f"{path} cannot be read as an image "
      f"({str(error).splitlines()[0][:100]}): convert it to PNG or "
      "JPEG."
    ) from error


def _plain(image: Image.Image) -> Image.Image:
  """Any mode to "L", "RGB" or "RGBA"."""
  if image.mode.startswith("I"):  # Pillow's conversion clips 16 bits.
    deep = np.clip(np.asarray(image), 0, 65535).astype(np.uint32)
    return Image.fromarray(((deep + 128) // 257).astype(np.uint8))
  if image.mode == "F":
    return Image.fromarray(np.clip(np.asarray(image), 0, 255).astype(np.uint8))
  if "transparency" in image.info or "A" in image.getbands():
    gray = image.mode in ("L", "LA", "1")
    image = image.convert("RGBA")
    opaque = image.getchannel("A").getextrema()[0] == 255
    return image.convert("L" if gray else "RGB") if opaque else image.copy()
  return image.convert("L" if image.mode in ("L", "1") else "RGB")


def files(folder: pathlib.Path) -> Iterator[pathlib.Path]:
  """The pictures of a folder, in the order of their names."""
  known = Image.registered_extensions()
  return (
    path
    for path in sorted(folder.iterdir())
    if path.is_file() and path.suffix.lower() in known
  )
