"""Images of any kind to uint8 arrays: the one place where Pillow's modes are known.

16 bits become 8, EXIF rotation is undone, palettes and CMYK become RGB.
"""

from collections.abc import Mapping
import io
import os
import re
import warnings

import numpy as np
from PIL import Image, ImageOps

from jaxgan.errors import UserError, expanded
from jaxgan.images import examples

# A file, as text with ~ for a home folder, or "shipped:NAME"; or uint8 [h, w] or
# [h, w, 1 to 4].
Source = str | os.PathLike | io.BytesIO | np.ndarray

# Pixels of an image in a set and of one that the user named. More may be meant to fill
# the memory; these are the sizes at which Pillow warns and refuses.
MOST_IN_SET = 89_478_485
MOST = 2 * MOST_IN_SET
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


class UnreadableError(ValueError):
  """A file is no usable image.

  Attributes:
    kind: why, in a word or two that many files can share, such as "truncated".
  """

  def __init__(self, kind: str, detail: str = ""):
    super().__init__(f"{kind}: {detail}" if detail else kind)
    self.kind = kind


def open_image(source: Source, *, enough: int = 0, most: int = MOST) -> Image.Image:
  """Decodes an image to mode "L", "LA", "RGB" or "RGBA", upright.

  Args:
    source: see `Source`.
    enough: a JPEG may be decoded at a half, a fourth or an eighth of its size, which is
      several times faster, as long as its sides keep so many pixels; 0 for never.
    most: pixels that it may have.

  Raises:
    UnreadableError: it cannot be read.
    UserError: no image of that name is shipped; there is no such home folder.
  """
  if str(source).startswith(examples.PREFIX):
    source = examples.load(str(source).removeprefix(examples.PREFIX))
  elif isinstance(source, str):
    source = expanded(source)
  if isinstance(source, np.ndarray):
    return Image.fromarray(source[..., 0] if source.shape[2:] == (1,) else source)
  try:
    with warnings.catch_warnings():
      warnings.simplefilter("ignore", Image.DecompressionBombWarning)
      image = Image.open(source)
    with image:
      if image.format == "EPS":  # Which Pillow would have another program run.
        raise UnreadableError("a PostScript program", "give a file such as PNG")
      if image.width * image.height > most:
        raise _too_many(image.width * image.height, most)
      if enough:
        image.draft(None, (enough, enough))
      return _plain(ImageOps.exif_transpose(image))
  except Exception as error:  # Damaged files make Pillow raise nearly anything.
    raise _explained(error) from error


def _plain(image: Image.Image) -> Image.Image:
  """Any mode of Pillow's to "L", "LA", "RGB" or "RGBA"."""
  if image.mode.startswith("I"):  # Pillow would clip 16 bits instead of scaling them.
    deep = np.clip(np.asarray(image), 0, 65535).astype(np.uint32)
    return Image.fromarray(((deep + 128) // 257).astype(np.uint8))
  gray = image.mode in ("1", "L", "LA", "F")
  if "A" in image.getbands() or "transparency" in image.info:
    return image.convert("LA" if gray else "RGBA")
  return image.convert("L" if gray else "RGB")


def read(
  source: Source, *, channels: int, enough: int = 0, most: int = MOST_IN_SET
) -> Image.Image:
  """Reads an image as luminance (1 channel) or RGB (3), transparency laid over white.

  Raises as `open_image`, which explains the other arguments.
  """
  image = open_image(source, enough=enough, most=most)
  if image.mode in ("LA", "RGBA"):
    image = image.convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
  return image.convert(_MODES[channels])


def decode(source: Source, *, size: tuple[int, int], channels: int) -> np.ndarray:
  """Reads an image, scales its shortest side and cuts out the center.

  Args:
    source: see `Source`.
    size: (height, width) of the result in pixels.
    channels: 1 (luminance) or 3 (RGB).

  Returns:
    uint8 [height, width, channels]; see `read`.

  Raises:
    UnreadableError: it cannot be read, or has too many pixels.
  """
  if isinstance(source, np.ndarray) and source.shape == (*size, channels):
    return source
  # Twice the final size leaves the quality to the resampling.
  return fit(read(source, channels=channels, enough=2 * max(size)), size)


def read_with_alpha(source: Source) -> tuple[np.ndarray, np.ndarray | None]:
  """Reads an image, keeping what is transparent.

  Returns:
    RGB as it is beneath the transparency, uint8 [h, w, 3], and opacity, uint8 [h, w],
    or None for images without.

  Raises as `open_image`.
  """
  image = open_image(source)
  alpha = np.asarray(image.getchannel("A")) if "A" in image.getbands() else None
  return np.asarray(image.convert("RGB")), alpha


def load(source: Source, *, channels: int = 0) -> np.ndarray:
  """Reads an image that the user named, with the channels it has: uint8 [h, w, c].

  Gray images have one channel, others three; four only if they have transparency
  that varies, since a constant alpha carries nothing.

  Args:
    source: see `Source`.
    channels: 1, 3 or 4 to convert; 0 keeps what the image has.

  Raises:
    UserError: it cannot be read.
  """
  try:
    image = open_image(source)
  except UnreadableError as error:
    raise UserError(f"{source}: {error}.") from error
  if not channels and "A" in image.getbands():
    low, high = image.getchannel("A").getextrema()
    image = image.convert("RGBA" if low < high else image.mode.removesuffix("A"))
  pixels = np.asarray(image.convert(_MODES[channels]) if channels else image)
  return pixels[..., None] if pixels.ndim == 2 else pixels


def fit(image: Image.Image, size: tuple[int, int]) -> np.ndarray:
  """uint8 [h, w, c]: the largest centered box of that shape, resampled to `size`."""
  height, width = size
  scale = min(image.width / width, image.height / height)
  # Whole-pixel offsets, so that an image of the right scale is only cropped.
  left = (image.width - scale * width) // 2
  top = (image.height - scale * height) // 2
  box = (left, top, left + scale * width, top + scale * height)
  fitted = image.resize((width, height), Image.Resampling.LANCZOS, box=box)
  return np.asarray(fitted).reshape(height, width, -1)


def reasons(refused: Mapping[str, Exception]) -> str:
  """Why files were left out, such as "7 not an image (a.txt, b.txt, ...)".

  Args:
    refused: {name of a file: what reading it raised}, at least one.
  """
  kinds: dict[str, list[str]] = {}
  for name, error in refused.items():
    kinds.setdefault(getattr(error, "kind", str(error)), []).append(name)
  return "; ".join(
    f"{len(names)} {kind} ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})"
    for kind, names in kinds.items()
  )


def _too_many(count: int, most: int) -> UnreadableError:
  return UnreadableError(
    f"over the limit of {most / 1e6:.0f} million pixels",
    f"it has {count / 1e6:.0f} million; make it smaller",
  )


def _explained(error: Exception) -> UnreadableError:
  """What Pillow raised, in words."""
  text = " ".join(str(error).split())
  match error:
    case UnreadableError():
      return error
    case Image.DecompressionBombError():
      return _too_many(int(re.search(r"\d+", text)[0]), MOST)
    case FileNotFoundError():
      return UnreadableError("no such file")
    case IsADirectoryError():
      return UnreadableError("a folder, not a file")
    case PermissionError():
      return UnreadableError("not allowed to be read")
    case Image.UnidentifiedImageError():
      return UnreadableError("not an image", "give a file such as JPEG or PNG")
  if "truncated" in text.lower() or isinstance(error, EOFError):
    return UnreadableError("truncated", "the file ends before the image does")
  return UnreadableError("damaged", text[:100])
