"""Sources of images, decoded once into one uint8 file and found again by their key.

An entry is the folder <root>/data/<key> with images.npy (uint8 [n, h, w, c]),
labels.npz (int32 [n] each), kept.npy (which images of the source were usable, [n])
and meta.json. It is written under a temporary name and renamed, so that it is there
either whole or not at all, however many processes write it at once.
"""

from collections.abc import Callable, Iterator
from concurrent import futures
import contextlib
import dataclasses
import hashlib
import json
import os
from pathlib import Path
import shutil
import tempfile
import time
from typing import Any, BinaryIO, TypeVar
import zipfile

from absl import logging
import numpy as np

from jaxgan import cache, progress
from jaxgan.errors import UserError
from jaxgan.images import reader

_FORMAT = 1  # To be raised when the same source would decode to other bytes.
_STALE_SECONDS = 24 * 3600
_CHUNK_BYTES = 2**25
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Source:
  """Images that are yet to be decoded.

  Attributes:
    title: what the user called it.
    fingerprint: changes whenever an image does.
    names: one for each image: a relative path, or its number.
    open: returns `read`; `read(i)` is image i as `reader.decode` takes it, with its
      labels. Only called when the images are not in the cache.
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
      digest.update(os.fsencode(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n"))
    except OSError:  # A link to nothing; decoding will report it.
      digest.update(os.fsencode(f"{name}\n"))
  return digest.hexdigest()


@dataclasses.dataclass(frozen=True)
class Entry:
  """What is kept of a source; `kept` are rows of `source.names`."""

  images: np.ndarray
  labels: dict[str, np.ndarray]
  kept: np.ndarray


def fetch(source: Source, *, size: tuple[int, int], channels: int, root: str) -> Entry:
  """The images of `source` at one size, from the cache or decoded now.

  Raises:
    UserError: no image is usable, or the cache cannot be written.
  """
  if source.packed is not None:
    return Entry(source.packed, {}, np.arange(len(source.packed)))
  return folder(
    key([_FORMAT, source.fingerprint, list(size), channels]),
    root,
    recall=_recall,
    make=lambda fresh: _decode_all(source, fresh, size, channels),
  )


def key(parts: list) -> str:
  """The name of what is made of these parts (numbers, texts, lists)."""
  return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def folder(
  key: str,
  root: str,
  *,
  recall: Callable[[Path], T | None],
  make: Callable[[Path], None],
) -> T:
  """What `recall` reads from the cache's folder of a key, made now if it must be.

  Args:
    key: of everything that the content depends on.
    root: of the cache; "" for $JAXGAN_CACHE or ~/.cache/jaxgan.
    recall: reads a folder, or returns None if it is absent or damaged.
    make: fills a new folder, which gets its name when it is whole.

  Raises:
    UserError: it cannot be written.
  """
  folder = cache.root(root) / "data" / key
  found = recall(folder)
  if found is not None:
    return found
  try:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    with tempfile.TemporaryDirectory(
      dir=folder.parent, prefix=f"{folder.name}.", ignore_cleanup_errors=True
    ) as scratch:
      fresh = Path(scratch, "entry")
      fresh.mkdir()
      make(fresh)
      # A broken entry is moved aside first; a whole one can only have come from
      # another process that decoded the same images, and is as good as ours.
      if recall(folder) is None:
        with contextlib.suppress(FileNotFoundError):
          folder.rename(Path(scratch, "broken"))
      try:
        fresh.rename(folder)
      except OSError:
        if recall(folder) is None:
          raise
  except OSError as error:
    raise UserError(
      f"{folder.parent}: cannot write the packed images ({error});"
      " free some space or set JAXGAN_CACHE to another folder"
    ) from error
  return recall(folder)


def _sweep(folder: Path) -> None:
  """Removes what a process that was killed while making this entry left behind."""
  for left in folder.parent.glob(f"{folder.name}.*"):
    if time.time() - left.stat().st_mtime > _STALE_SECONDS:
      shutil.rmtree(left, ignore_errors=True)


def _recall(folder: Path) -> Entry | None:
  """The entry, memory-mapped, or None if it is absent, short or unreadable."""
  try:
    meta = json.loads((folder / "meta.json").read_text())
    images = np.load(folder / "images.npy", mmap_mode="r")
    kept = np.load(folder / "kept.npy")
    with np.load(folder / "labels.npz") as archive:
      labels = dict(archive)
  except FileNotFoundError:
    return None
  except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
    logging.warning("%s is damaged (%s); packing again", folder, error)
    return None
  lengths = {len(kept), *(len(values) for values in labels.values())}
  if list(images.shape) != meta["shape"] or lengths != {len(images)}:
    logging.warning("%s is damaged; packing again", folder)
    return None
  return Entry(images, labels, kept)


def _decode_all(
  source: Source, folder: Path, size: tuple[int, int], channels: int
) -> None:
  """Decodes every image into a folder, leaving out those that are unreadable.

  Raises:
    UserError: no image is usable.
    OSError: the folder cannot be written.
  """
  shape = (*size, channels)
  kept, labels, refused = [], [], {}
  with open(folder / "images.npy", "wb") as file:
    # The number of rows is known at the end; NumPy leaves room for it. Plain
    # writes, for a full disk kills a process that writes to mapped memory.
    write_header(file, (0, *shape))
    for i, image, label in _decoded(source, size, channels):
      if isinstance(image, Exception):
        refused[source.names[i]] = image
        continue
      file.write(np.ascontiguousarray(image).tobytes())
      kept.append(i)
      labels.append(label)
    file.seek(0)
    write_header(file, (len(kept), *shape))
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


def write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
  """Begins a .npy file of uint8, whose bytes follow."""
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
      image, label = read(i)
      return i, reader.decode(image, size=size, channels=channels), label
    except Exception as error:  # A record of TFDS can be damaged in its own way.
      return i, error, {}

  count = len(source.names)
  chunk = max(1, min(512, _CHUNK_BYTES // (size[0] * size[1] * channels)))
  with (
    futures.ThreadPoolExecutor(os.cpu_count()) as pool,
    progress.track(count, f"packing {source.title}") as advance,
  ):
    for first in range(0, count, chunk):
      for result in pool.map(attempt, range(first, min(first + chunk, count))):
        yield result
        advance(1)


def report(source: Source, num_kept: int, refused: dict[str, Exception]) -> None:
  """Logs which images were left out, and why.

  Args:
    source: where they came from.
    num_kept: how many were usable.
    refused: {name: what reading it raised}.

  Raises:
    UserError: none was usable.
  """
  if not num_kept:
    raise UserError(
      f"{source.title}: none of its {len(source.names)} files is a usable image: "
      f"{reader.reasons(refused)}; give images such as JPEG or PNG"
    )
  if refused:
    logging.warning(
      "%s: left out %d of %d files: %s",
      source.title,
      len(refused),
      len(source.names),
      reader.reasons(refused),
    )
  logging.info("packed %d images of %s", num_kept, source.title)
