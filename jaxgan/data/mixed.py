"""Images of any sizes in one uint8 file, decoded once and memory-mapped.

Where `packed` makes all images of a set one size, this keeps each as large as it is:
a set of high-resolution images of which training sees random windows.
"""

from collections.abc import Sequence
import dataclasses
import json
from pathlib import Path

from absl import logging
import numpy as np
from PIL import Image

from jaxgan import progress
from jaxgan.data import sources, store
from jaxgan.data.store import Source
from jaxgan.errors import UserError, expanded
from jaxgan.images import examples, reader

_FORMAT = 1  # To be raised when the same source would pack to other bytes.


@dataclasses.dataclass(frozen=True)
class Mixed(Sequence):
  """Images of mixed sizes; indexing gives views, which copy nothing.

  Attributes:
    pixels: uint8 [total], all images one after another, usually memory-mapped.
    shapes: int64 [n, 2], heights and widths.
    starts: int64 [n], where each begins.
    names: of the images.
  """

  pixels: np.ndarray
  shapes: np.ndarray
  starts: np.ndarray
  names: list[str]

  def __len__(self) -> int:
    return len(self.shapes)

  def __getitem__(self, i: int) -> np.ndarray:
    """Image i, uint8 [h, w, 3]."""
    (height, width), start = self.shapes[i], self.starts[i]
    return self.pixels[start : start + height * width * 3].reshape(height, width, 3)

  def select(self, index: Sequence[int]) -> "Mixed":
    """Some of the images, without a copy."""
    return Mixed(
      self.pixels,
      self.shapes[index],
      self.starts[index],
      [self.names[i] for i in index],
    )


def load(
  path: str, *, scale: float = 1.0, least: int = 1, side: int = 0, cache: str = ""
) -> Mixed:
  """The RGB images of a folder, TFDS name or array as for `packed.load`; or one image.

  Args:
    path: not empty; an image file, or "shipped:NAME", is a set of one, which is held
      in memory and goes to no cache.
    scale: factor on all sizes, in (0, 1]: images so large that a window shows one
      flat patch are better seen from further away.
    least: pixels of the shortest side; smaller images are enlarged to it.
    side: if not 0, all images are squeezed into squares of that many pixels a side.
    cache: the cache's root; "" for $JAXGAN_CACHE or ~/.cache/jaxgan.

  Raises:
    UserError: there is no such path, or no usable image in it.
  """
  place = expanded(path)
  is_image = place.suffix.lower() in Image.registered_extensions() and place.is_file()
  if is_image or path.startswith(examples.PREFIX):
    try:
      image, grown = _decode(path, scale, least, side)
    except reader.UnreadableError as error:
      raise UserError(f"{path}: {error}.") from error
    _warn(path, int(grown), 1, least)
    shapes, starts = np.array([image.shape[:2]], np.int64), np.zeros(1, np.int64)
    names = [place.name.removeprefix(examples.PREFIX)]
    return Mixed(image.ravel(), shapes, starts, names)
  source = sources.find(path, size=(0, 0), channels=3, split="train", num_drawn=0)
  return pack(source, scale=scale, least=least, side=side, cache=cache)


def pack(
  source: Source, *, scale: float = 1.0, least: int = 1, side: int = 0, cache: str = ""
) -> Mixed:
  """The images of a source, from the cache or decoded now; arguments as `load`.

  Raises:
    UserError: no image is usable, or the cache cannot be written.
  """
  return store.folder(
    store.key(["mixed", _FORMAT, source.fingerprint, scale, least, side]),
    cache,
    recall=_recall,
    make=lambda folder: _make(source, folder, scale, least, side),
  )


def _make(source: Source, folder: Path, scale: float, least: int, side: int) -> None:
  """Writes pixels.bin and meta.json."""
  read, shapes, names, refused, enlarged = source.open(), [], [], {}, 0
  with (
    open(folder / "pixels.bin", "wb") as file,
    progress.track(len(source.names), f"packing {source.title}") as advance,
  ):
    for i, name in enumerate(source.names):
      advance(1)
      try:
        image, grown = _decode(read(i)[0], scale, least, side)
      except Exception as error:  # A record of TFDS can be damaged in its own way.
        refused[name] = error
        continue
      file.write(image.tobytes())
      shapes.append(image.shape[:2])
      names.append(name)
      enlarged += grown
  store.report(source, len(shapes), refused)
  _warn(source.title, enlarged, len(shapes), least)
  (folder / "meta.json").write_text(
    json.dumps({"source": source.title, "shapes": shapes, "names": names})
  )


def _warn(title: str, enlarged: int, count: int, least: int) -> None:
  if enlarged:
    text = "%s: enlarged %d of %d images to a shortest side of %d"
    logging.warning(text, title, enlarged, count, least)


def _decode(
  source: reader.Source, scale: float, least: int, side: int
) -> tuple[np.ndarray, bool]:
  """uint8 [h, w, 3], and whether it had to be enlarged."""
  image = reader.read(source, channels=3)
  if side:
    square = image.resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(square), min(image.size) < side
  short = min(image.size)
  factor = max(scale, least / short)
  if factor != 1:
    size = [max(round(side * factor), least) for side in image.size]
    image = image.resize(size, Image.Resampling.LANCZOS)
  return np.asarray(image), factor > scale


def _recall(folder: Path) -> Mixed | None:
  """The images, memory-mapped, or None if they are absent or damaged."""
  try:
    meta = json.loads((folder / "meta.json").read_text())
    pixels = np.memmap(folder / "pixels.bin", np.uint8, "r")
  except FileNotFoundError:
    return None
  except (OSError, ValueError) as error:
    logging.warning("%s is damaged (%s); packing again", folder, error)
    return None
  shapes = np.asarray(meta["shapes"], np.int64)
  ends = np.cumsum(shapes.prod(1) * 3)
  if ends[-1] != len(pixels):
    logging.warning("%s is damaged; packing again", folder)
    return None
  return Mixed(pixels, shapes, np.concatenate(([0], ends[:-1])), meta["names"])
