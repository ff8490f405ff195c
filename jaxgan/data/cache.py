"""Pictures decoded once into one uint8 file, found again by its content's key.

An entry is the folder <root>/data/<key> with images.npy (uint8 [n, h, w, c]),
labels.npz (int32 [n] each), kept.npy (which pictures of the source were usable)
and meta.json. It is written under a temporary name and renamed, so that it is
there either whole or not at all, however many processes pack at once.
"""

from collections.abc import Callable
from concurrent import futures
import contextlib
import dataclasses
import hashlib
import json
import os
from pathlib import Path
import tempfile
import time
from typing import Any
import zipfile

from absl import logging
import numpy as np

from jaxgan import errors
from jaxgan.data import pictures

_FORMAT = 1  # To be raised when the same source would pack to other bytes.
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
  """

  title: str
  fingerprint: str
  names: list[str]
  open: Callable[[], Callable[[int], tuple[Any, dict[str, int]]]]
  classes: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Entry:
  """What the cache holds of a source; `kept` are rows of `source.names`."""

  images: np.ndarray
  labels: dict[str, np.ndarray]
  kept: np.ndarray


def fetch(source: Source, *, size: tuple[int, int], channels: int, root: str) -> Entry:
  """The packed pictures of `source`, from the cache or packed now.

  Raises:
    UserError: no picture is usable, or the cache cannot be written.
  """
  folder = _root(root) / "data" / _key(source, size, channels)
  entry = _recall(folder)
  if entry is not None:
    return entry
  try:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=folder.parent, prefix=f"{folder.name}.", ignore_cleanup_errors=True
    ) as scratch:
      fresh = Path(scratch, "entry")
      fresh.mkdir()
      _pack(source, fresh, size, channels)
      # A broken entry is moved aside first; a whole one can only have come from
      # another process that packed the same pictures, and is as good as ours.
      if _recall(folder) is None:
        with contextlib.suppress(FileNotFoundError):
          folder.rename(Path(scratch, "broken"))
      try:
        fresh.rename(folder)
      except OSError:
        if _recall(folder) is None:
          raise
  except OSError as error:
    raise errors.UserError(
        f"{folder.parent}: cannot write the packed images ({error.strerror or error});"
        " free some space or set JAXGAN_CACHE to another folder"
    ) from error
  return _recall(folder)


def _root(root: str) -> Path:
  chosen = root or os.environ.get("JAXGAN_CACHE") or "~/.cache/jaxgan"
  return Path(chosen).expanduser()


def _key(source: Source, size: tuple[int, int], channels: int) -> str:
  text = json.dumps([_FORMAT, source.fingerprint, list(size), channels])
  return hashlib.sha256(text.encode()).hexdigest()[:32]


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


def _pack(source: Source, folder: Path, size: tuple[int, int], channels: int) -> None:
  """Decodes every picture into images.npy, and notes which ones were usable."""
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
  _report(source, len(kept), refused)
  np.save(folder / "kept.npy", np.asarray(kept, np.int64))
  np.savez(folder / "labels.npz", **{
      attribute: np.asarray([label.get(attribute, -1) for label in labels], np.int32)
      for attribute in source.classes
  })
  (folder / "meta.json").write_text(json.dumps({
      "source": source.title, "shape": [len(kept), *shape]
  }))


def _write_header(file, shape: tuple[int, ...]) -> None:
  np.lib.format.write_array_header_1_0(
      file, {"descr": "|u1", "fortran_order": False, "shape": shape}
  )


def _decoded(source: Source, size: tuple[int, int], channels: int):
  """Yields (i, image or the exception that it caused, its labels) in order."""
  read = source.open()

  def attempt(i):
    try:
      picture, label = read(i)
      return i, pictures.decode(picture, size=size, channels=channels), label
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


def _report(source: Source, num_kept: int, refused: list[str]) -> None:
  if not num_kept:
    raise errors.UserError(
        f"{source.title}: none of its {len(source.names)} files is a usable image;"
        " give images such as JPEG or PNG"
    )
  if refused:
    more = f" and {len(refused) - 5} more" if len(refused) > 5 else ""
    logging.warning(
        "%s: left out %d of %d files that are not usable images: %s%s",
        source.title, len(refused), len(source.names), ", ".join(refused[:5]), more,
    )
  logging.info("packed %d images of %s", num_kept, source.title)
