"""Decoding a source of pictures into one uint8 array in a file."""

from collections.abc import Callable, Iterator
from concurrent import futures
import dataclasses
import hashlib
import json
import os
from pathlib import Path
import time
from typing import Any, BinaryIO

from absl import logging
import numpy as np

from jaxgan import errors
from jaxgan.images import reader

_CHUNK_BYTES = 2**25
_LOG_SECONDS = 5.0


@dataclasses.dataclass(frozen=True)
class Source:
  """Pictures that can be packed.

  Attributes:
    title: what the user called it.
    fingerprint: changes whenever a picture does.
    names: one per picture: a relative path, or its number.
    open: returns `read`; `read(i)` is picture i as `pictures.decode` takes it,
      with its labels. Only called when the pictures are not in the cache.
    classes: attribute -> the names of its values.
    packed: uint8 [n, h, w, c], if the source is already as wanted; not copied.
    labels_path: a CSV file that belongs to it.
  """

  title: str
  fingerprint: str
  names: list[str]
  open: Callable[[], Callable[[int], tuple[Any, dict[str, int]]]]
  classes: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
  packed: np.ndarray | None = None
  labels_path: str = ""


def fingerprint(place: Path, names: list[str]) -> str:
  """A digest of the files' names, sizes and times of change."""
  digest = hashlib.sha256()
  for name in names:
    try:
      stat = (place / name).stat()
      digest.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    except OSError:  # A link to nothing; decoding will report it.
      digest.update(f"{name}\n".encode())
  return digest.hexdigest()


def pack(source: Source, folder: Path, size: tuple[int, int], channels: int) -> None:
  """Decodes every picture into a folder, leaving out those that are unreadable.

  It writes images.npy (uint8 [n, h, w, c]), labels.npz (int32 [n] each), kept.npy
  (which pictures of the source were usable, [n]) and meta.json.

  Raises:
    UserError: no picture is usable.
    OSError: the folder cannot be written.
  """
  shape = (*size, channels)
  kept, labels, refused = [], [], []
  with open(folder / "images.npy", "wb") as file:
    # The number of rows is known at the end; NumPy leaves room for it. Plain
    # writes, for a full disk kills a process that writes to mapped memory.
    _write_header(file, (0, *shape))
    for i, image, label in _decoded(source, size, channels):
      if isinstance(image, Exception):
        refused.append(f"{source.names[i]} ({type(image).__name__})")
        continue
      file.write(np.ascontiguousarray(image).tobytes())
      kept.append(i)
      labels.append(label)
    file.seek(0)
    _write_header(file, (len(kept), *shape))
  report(source, len(kept), refused)
  np.save(folder / "kept.npy", np.asarray(kept, np.int64))
  np.savez(
    folder / "labels.npz",
    **{
      attribute: np.asarray([label.get(attribute, -1) for label in labels], np.int32)
      for attribute in source.classes
    },
  )
  (folder / "meta.json").write_text(
    json.dumps({"source": source.title, "shape": [len(kept), *shape]})
  )


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
  np.lib.format.write_array_header_1_0(
    file, {"descr": "|u1", "fortran_order": False, "shape": shape}
  )


def _decoded(
  source: Source, size: tuple[int, int], channels: int
) -> Iterator[tuple[int, np.ndarray | Exception, dict[str, int]]]:
  """Yields (i, image or the exception that it caused, its labels) in order."""
  read = source.open()

  def attempt(i):
    try:
      picture, label = read(i)
      return i, reader.decode(picture, size=size, channels=channels), label
    except Exception as error:  # Damaged files make Pillow raise nearly anything.
      return i, error, {}

  count = len(source.names)
  chunk = max(1, min(512, _CHUNK_BYTES // (size[0] * size[1] * channels)))
  last = time.monotonic()
  with futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for first in range(0, count, chunk):
      yield from pool.map(attempt, range(first, min(first + chunk, count)))
      if time.monotonic() - last > _LOG_SECONDS:
        last = time.monotonic()
        logging.info("packing %s: %d of %d", source.title, first + chunk, count)


def report(source: Source, num_kept: int, refused: list[str]) -> None:
  """Says which pictures were left out.

  Raises:
    UserError: all were.
  """
  if not num_kept:
    raise errors.UserError(
      f"{source.title}: none of its {len(source.names)} files is a usable image;"
      " give images such as JPEG or PNG"
    )
  if refused:
    more = f" and {len(refused) - 5} more" if len(refused) > 5 else ""
    logging.warning(
      "%s: left out %d of %d files that are not usable images: %s%s",
      source.title,
      len(refused),
      len(source.names),
      ", ".join(refused[:5]),
      more,
    )
  logging.info("packed %d images of %s", num_kept, source.title)
