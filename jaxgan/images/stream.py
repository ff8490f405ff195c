"""Pictures of any size, read and written a band of rows at a time.

PNG files of 8 bits a channel (not interlaced) pass through in memory for a few bands,
however large they are. Of other files Pillow holds the whole picture, at 4 bytes a
pixel. Alpha is kept apart from color, EXIF rotation undone, 16 bits become 8.
"""

from collections.abc import Callable, Iterator
import contextlib
import dataclasses
import io
from pathlib import Path
import struct
from typing import BinaryIO
import zlib

import numpy as np
from PIL import Image, ImageOps

from jaxgan import errors

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # Bytes a pixel of PNG's color types.
_COLOR = {3: 2, 4: 6}  # The other way round, as far as written.
_MOST_WHOLE = 2**30  # Pixels.


@dataclasses.dataclass
class Bands:
  """A picture whose rows are read in order.

  Attributes:
    height, width: in pixels.
    channels: 3, or 4 with alpha.
    read: the next rows, as many as asked for: n -> uint8 [n, width, channels].
  """

  height: int
  width: int
  channels: int
  read: Callable[[int], np.ndarray]


@contextlib.contextmanager
def open_picture(path: Path, scale: float = 1.0) -> Iterator[Bands]:
  """Opens a picture, of which no more is read than asked for where that is possible.

  Args:
    path: a file that Pillow can read.
    scale: factor on both sides; rows are resampled as they are read.

  Raises:
    errors.UserError: it is missing or damaged; while it is read as well.
  """
  with contextlib.ExitStack() as stack:
    with _reading(path):
      file = stack.enter_context(open(path, "rb"))
      source = _png(file) or _whole(file)
      bands = source if scale == 1 else _scaled(source, scale)

    def read(count):
      if not count:
        return np.zeros((0, bands.width, bands.channels), np.uint8)
      with _reading(path):
        return bands.read(count)

    yield dataclasses.replace(bands, read=read)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
  """Turns what goes wrong with a file into a line that names it."""
  try:
    yield
  except FileNotFoundError as error:
    raise errors.UserError(f"{path}: no such file") from error
  except Image.UnidentifiedImageError as error:
    raise errors.UserError(
      f"{path}: not a readable image (of no known format)"
    ) from error
  except (OSError, ValueError, SyntaxError, zlib.error, struct.error) as error:
    raise errors.UserError(f"{path}: not a readable image ({error})") from error


def _pixels(image: Image.Image) -> np.ndarray:
  """uint8 [h, w, 3], or [h, w, 4] where there is alpha."""
  if image.mode.startswith("I"):  # Pillow's own conversion clips 16 bits.
    deep = np.clip(np.asarray(image), 0, 65535).astype(np.uint32)
    image = Image.fromarray(((deep + 128) // 257).astype(np.uint8))
  return np.asarray(image.convert("RGBA" if _has_alpha(image) else "RGB"))


def _has_alpha(image: Image.Image) -> bool:
  return "A" in image.getbands() or "transparency" in image.info


def _whole(file: BinaryIO) -> Bands:
  """A picture that Pillow decodes at once."""
  limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
  try:  # The limit guards against files nobody asked for; this one was named.
    image = Image.open(file)
    if image.width * image.height > _MOST_WHOLE:
      raise ValueError(
        f"{image.width}x{image.height} pixels at once are too many: "
        "make it a PNG of 8 bits, which is read in bands"
      )
    image = ImageOps.exif_transpose(image)
    image.load()
  finally:
    Image.MAX_IMAGE_PIXELS = limit
  row = 0

  def read(count):
    nonlocal row
    band = image.crop((0, row, image.width, row + count))
    row += count
    return _pixels(band)

  return Bands(image.height, image.width, 4 if _has_alpha(image) else 3, read)


def _png(file: BinaryIO) -> Bands | None:
  """A PNG that can be decoded in bands, or None with the file rewound."""
  header = file.read(len(_SIGNATURE) + 25)
  if header[:16] != _SIGNATURE + b"\0\0\0\rIHDR" or len(header) < 33:
    file.seek(0)
    return None
  width, height, bits, color, _, _, interlaced = struct.unpack(
    ">IIBBBBB", header[16:29]
  )
  before = b""
  while (chunk := file.read(8))[4:] not in (b"IDAT", b""):
    size = struct.unpack(">I", chunk[:4])[0] + 4
    content = file.read(size)
    if chunk[4:] in (b"PLTE", b"tRNS"):
      before += chunk + content
    if chunk[4:] == b"eXIf":  # Perhaps to be rotated.
      interlaced = 1
  if bits != 8 or interlaced or color not in _CHANNELS or len(chunk) < 8:
    file.seek(0)
    return None
  stride = width * _CHANNELS[color]
  stream = _Inflated(file, struct.unpack(">I", chunk[:4])[0])
  above = bytes(stride)

  def read(count):
    nonlocal above
    # A band is a PNG of its own, whose first row is the one above, not filtered.
    rows = b"\0" + above + stream.read(count * (stride + 1))
    size = struct.pack(">IIBBBBB", width, count + 1, 8, color, 0, 0, 0)
    with Image.open(
      io.BytesIO(
        _SIGNATURE
        + _chunk(b"IHDR", size)
        + before
        + _chunk(b"IDAT", zlib.compress(rows, 0))
        + _chunk(b"IEND", b"")
      )
    ) as image:
      image.load()
      above = image.crop((0, count, width, count + 1)).tobytes()
      return _pixels(image.crop((0, 1, width, count + 1)))

  alpha = color in (4, 6) or b"tRNS" in before
  return Bands(height, width, 4 if alpha else 3, read)


def _chunk(name: bytes, content: bytes) -> bytes:
  crc = zlib.crc32(name + content)
  return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)


class _Inflated:
  """What a PNG's IDAT chunks hold, from within the first one on."""

  def __init__(self, file: BinaryIO, left: int):
    self._file, self._left = file, left
    self._zlib, self._held = zlib.decompressobj(), b""

  def read(self, count: int) -> bytes:
    parts, missing = [], count
    while missing:
      part = self._zlib.decompress(self._held, missing)
      self._held = self._zlib.unconsumed_tail
      if not part and not self._held:
        self._held = self._compressed()
      parts.append(part)
      missing -= len(part)
    return b"".join(parts)

  def _compressed(self) -> bytes:
    if not self._left:
      end = self._file.read(12)  # Checksum of one chunk, length and name of the next.
      if end[8:] != b"IDAT":
        raise ValueError("it is truncated")
      self._left = struct.unpack(">I", end[4:8])[0]
    content = self._file.read(min(self._left, 2**16))
    if not content and self._left:
      raise ValueError("it is truncated")
    self._left -= len(content)
    return content


def _scaled(source: Bands, scale: float) -> Bands:
  """The same picture at another size, as if resampled whole (Lanczos)."""
  height, width = (max(round(n * scale), 1) for n in (source.height, source.width))
  ratio = source.height / height
  reach = 3 * max(ratio, 1)  # Lanczos looks so far to both sides.
  held, first, done = np.zeros((0, width, source.channels), np.uint8), 0, 0

  def read(count):
    """The next rows, from those of the source that Lanczos sees from them."""
    nonlocal held, first, done
    centers = (np.arange(done, done + count) + 0.5) * ratio
    drop = max(int(centers[0] - reach) - first, 0)
    stop = min(int(np.ceil(centers[-1] + reach)), source.height)
    fresh = source.read(stop - first - len(held))
    if len(fresh):
      held = np.concatenate((held, _across(fresh, width)))
    held, first, done = held[drop:], first + drop, done + count
    # Pillow would not look beyond a band, so that columns are summed here.
    places = first + 0.5 + np.arange(stop - first) - centers[:, None]
    weights = np.sinc(places * 3 / reach) * np.sinc(places / reach)
    weights *= np.abs(places) < reach
    weights /= weights.sum(1, keepdims=True)
    rows = np.tensordot(weights, held[: stop - first].astype(np.float32), 1)
    return np.clip(np.rint(rows), 0, 255).astype(np.uint8)

  return Bands(height, width, source.channels, read)


def _across(rows: np.ndarray, width: int) -> np.ndarray:
  """Rows [h, w, c] at another width."""
  image = Image.fromarray(rows).resize((width, len(rows)), Image.Resampling.LANCZOS)
  return np.asarray(image).reshape(len(rows), width, -1)


@contextlib.contextmanager
def create_picture(
  path: Path, height: int, width: int, channels: int
) -> Iterator[Callable[[np.ndarray], None]]:
  """Makes a picture of rows given in order; it gets its name when it is whole.

  Args:
    path: its suffix names the format; only .png needs no memory for the whole.
    height, width: in pixels.
    channels: 3, or 4 with alpha.

  Yields:
    write(rows), rows uint8 [n, width, channels].

  Raises:
    errors.UserError: the format is not known, or cannot hold such a picture.
  """
  check_format(path, channels)
  path.parent.mkdir(parents=True, exist_ok=True)
  temporary = path.with_name(f".{path.name}.tmp")
  make = _create_png if path.suffix.lower() == ".png" else _create_whole
  try:
    with open(temporary, "wb") as file:
      form = Image.registered_extensions()[path.suffix.lower()]
      with make(file, height, width, channels, form) as write:
        yield write
    temporary.replace(path)
  finally:
    temporary.unlink(missing_ok=True)


def check_format(path: Path, channels: int = 3) -> None:
  """Raises UserError if no picture of so many channels can be written under a name."""
  form = Image.registered_extensions().get(path.suffix.lower())
  if form not in Image.SAVE:
    raise errors.UserError(
      f"{path}: {path.suffix or 'a name without a suffix'} is no "
      "format of images: name it .png"
    )
  if channels == 4 and form in ("JPEG", "BMP"):
    raise errors.UserError(f"{path}: {form} has no transparency: name it .png")


@contextlib.contextmanager
def _create_png(file, height, width, channels, form):
  del form
  size = struct.pack(">IIBBBBB", width, height, 8, _COLOR[channels], 0, 0, 0)
  file.write(_SIGNATURE + _chunk(b"IHDR", size))
  deflate, above = zlib.compressobj(6), np.zeros((1, width * channels), np.uint8)

  def write(rows):
    nonlocal above
    rows = rows.reshape(len(rows), -1)
    # Each row as its difference from the one above: filter 2, "up".
    up = rows - np.concatenate((above, rows[:-1]))
    filtered = np.pad(up, ((0, 0), (1, 0)), constant_values=2)
    above = rows[-1:] if len(rows) else above
    if packed := deflate.compress(filtered.tobytes()):
      file.write(_chunk(b"IDAT", packed))

  yield write
  file.write(_chunk(b"IDAT", deflate.flush()) + _chunk(b"IEND", b""))


@contextlib.contextmanager
def _create_whole(file, height, width, channels, form):
  image, row = Image.new("RGBA" if channels == 4 else "RGB", (width, height)), 0

  def write(rows):
    nonlocal row
    image.paste(Image.fromarray(rows), (0, row))
    row += len(rows)

  yield write
  image.save(file, form, **({"quality": 95} if form in ("JPEG", "WEBP") else {}))
