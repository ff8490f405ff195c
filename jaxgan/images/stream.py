"""Images of any size, read and written a few rows at a time.

libvips decodes and encodes PNG, JPEG, TIFF and WebP; of other formats Pillow holds the
whole image. Opacity is kept, EXIF rotation undone, 16 bits become 8, CMYK and gray RGB.
"""

from collections.abc import Callable, Iterator
import contextlib
import dataclasses
import functools
from pathlib import Path
import tempfile
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image

from jaxgan.errors import UserError
from jaxgan.images import reader, writer

_LOADERS = ("pngload_source", "jpegload_source", "tiffload_source", "webpload_source")
_OPTIONS = {
  ".png": {"compression": 6, "filter": "up"},
  ".jpg": {"Q": writer.QUALITY},
  ".jpeg": {"Q": writer.QUALITY},
  ".tif": {"tile": True, "compression": "deflate", "predictor": "horizontal"},
  ".tiff": {"tile": True, "compression": "deflate", "predictor": "horizontal"},
  ".webp": {"Q": writer.QUALITY},
}
_SKIPPED = 64  # Rows that are read at once to be thrown away.
_LARGE = 2**31  # Bytes of pixels from which on a TIFF file may need 64-bit offsets.


@dataclasses.dataclass
class Bands:
  """An image whose rows are read in order.

  Attributes:
    height, width: in pixels.
    channels: 3, or 4 with opacity.
    read: the next rows, as many as asked for: n -> uint8 [n, width, channels].
  """

  height: int
  width: int
  channels: int
  read: Callable[[int], np.ndarray]


def of_array(image: np.ndarray) -> Bands:
  """The rows of an image in memory, uint8 [h, w, 3 or 4]."""
  top = 0

  def read(count):
    nonlocal top
    top += count
    return image[top - count : top]

  return Bands(*image.shape, read)


@contextlib.contextmanager
def open_picture(
  source: str | Path, scale: float = 1.0, crop: tuple[int, int] | None = None
) -> Iterator[Bands]:
  """Opens an image, of which no more is held than the rows asked for, if possible.

  A rotated one (by its EXIF orientation) is decoded as a whole first, to a temporary
  file if it is large.

  Args:
    source: a file, or "shipped:NAME".
    scale: factor on both sides; rows are resampled as they are read.
    crop: (height, width) in pixels of the middle, which alone is kept; after scaling.

  Raises:
    UserError: it is missing or damaged; while it is read as well.
  """
  bands = _open(source)
  bands = bands if scale == 1 else _scaled(bands, scale)
  yield _cropped(bands, crop) if crop else bands


def _open(source: str | Path) -> Bands:
  vips = _vips()
  with contextlib.suppress(vips.Error):  # Then Pillow reads it, or explains why not.
    # By way of a `Source`, as "[" in a file's name would begin options.
    file = vips.Source.new_from_file(str(source))
    load = functools.partial(vips.Image.new_from_source, file, "", fail_on="error")
    image = load(access="sequential")
    if image.get("vips-loader") in _LOADERS:
      if "orientation" in image.get_fields() and image.get("orientation") > 1:
        image = load().autorot()
      return _of_vips(source, _rgb(image))
  try:
    pixels, alpha = reader.read_with_alpha(source)
  except reader.UnreadableError as error:
    raise UserError(f"{source}: {error}.") from error
  if alpha is not None:
    pixels = np.concatenate((pixels, alpha[..., None]), -1)
  return of_array(pixels)


@functools.cache
def _vips() -> ModuleType:
  """pyvips, which few tasks need, without its cache of earlier results."""
  import pyvips

  pyvips.cache_set_max(0)
  return pyvips


def _rgb(image: Any) -> Any:
  """A pyvips image of any kind to 8-bit RGB or RGBA, as `reader` converts it."""
  if image.format == "ushort":
    kind = "b-w" if image.bands < 3 else "srgb"
    image = ((image + 128) / 257).cast("uchar").copy(interpretation=kind)
  image = image.cast("uchar")  # Other numbers are clipped.
  if image.interpretation == "cmyk":
    return ((255 - image[:3]) * (255 - image[3]) / 255).rint().cast("uchar")
  return image.colourspace("srgb")


def _of_vips(source: str | Path, image: Any) -> Bands:
  vips, top = _vips(), 0
  region = vips.Region.new(image)

  def read(count):
    nonlocal top
    shape = (count, image.width, image.bands)
    if not count:
      return np.zeros(shape, np.uint8)
    try:
      rows = region.fetch(0, top, image.width, count)
    except vips.Error as error:
      raise UserError(f"{source}: damaged or truncated: {_told(error)}.") from error
    top += count
    return np.frombuffer(rows, np.uint8).reshape(shape)

  return Bands(image.height, image.width, image.bands, read)


def _told(error: Exception) -> str:
  """The last line of libvips, which has the cause."""
  return str(error).strip().splitlines()[-1][:100]


def _cropped(source: Bands, size: tuple[int, int]) -> Bands:
  """The middle of an image; of a smaller one, all there is."""
  height, width = min(size[0], source.height), min(size[1], source.width)
  left = (source.width - width) // 2
  skipped = (source.height - height) // 2

  def read(count):
    nonlocal skipped
    while skipped:  # A little at a time, as memory may not hold all that is above.
      skipped -= len(source.read(min(skipped, _SKIPPED)))
    return source.read(count)[:, left : left + width]

  return Bands(height, width, source.channels, read)


def _scaled(source: Bands, scale: float) -> Bands:
  """The same image at another size, as if resampled whole (Lanczos)."""
  height, width = (max(round(n * scale), 1) for n in (source.height, source.width))
  ratio = source.height / height
  reach = 3 * max(ratio, 1)  # Radius of the kernel in rows of the source.
  held, first, done = np.zeros((0, width, source.channels), np.uint8), 0, 0

  def read(count):
    """The next rows, from those of the source within the kernel's reach."""
    nonlocal held, first, done
    if not count:
      return held[:0]
    centers = (np.arange(done, done + count) + 0.5) * ratio
    drop = max(int(centers[0] - reach) - first, 0)
    stop = min(int(np.ceil(centers[-1] + reach)), source.height)
    fresh = source.read(stop - first - len(held))
    if len(fresh):
      held = np.concatenate((held, _across(fresh, width)))
    held, first, done = held[drop:], first + drop, done + count
    # Pillow cannot continue from one call to the next, so this sums down columns.
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
  """Writes an image of rows given in order; the file appears when all are written.

  The rows go to a temporary file beside it first, which takes height * width * channels
  bytes of the disk, and are encoded at the end.

  Args:
    path: its suffix names the format. TIFF files are tiled.
    height, width: in pixels.
    channels: 3, or 4 with opacity.

  Yields:
    write(rows), rows uint8 [n, width, channels].

  Raises:
    UserError: the format is not known or cannot hold such an image, or the file cannot
      be written.
  """
  writer.check_format(path, channels)
  path.parent.mkdir(parents=True, exist_ok=True)
  with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as raw:

    def write(rows):
      with writer.explained(path):
        raw.write(np.ascontiguousarray(rows))

    yield write
    with writer.explained(path):
      raw.flush()
      _encode(Path(raw.name), path, (height, width, channels))


def _encode(raw: Path, path: Path, shape: tuple[int, int, int]) -> None:
  """Writes the pixels of a raw file of uint8 to an image file."""
  options = _OPTIONS.get(path.suffix.lower())
  if options is None:
    writer.write_image(path, np.memmap(raw, np.uint8, "r", shape=shape))
    return
  height, width, channels = shape
  if path.suffix.lower() in (".tif", ".tiff") and np.prod(shape) > _LARGE:
    options = options | {"bigtiff": True}
  vips = _vips()
  image = vips.Image.rawload(str(raw), width, height, channels, access="sequential")
  with writer.whole_file(path) as temporary:
    try:
      target = vips.Target.new_to_file(str(temporary))
      image = image.copy(interpretation="srgb")
      image.write_to_target(target, path.suffix.lower(), **options)
    except vips.Error as error:
      raise UserError(f"cannot write {path}: {_told(error)}.") from error
