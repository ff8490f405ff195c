"""Pictures decoded once into one uint8 file, found again by its content's key.

An entry is the folder <root>/data/<key> with images.npy (uint8 [n, h, w, c]),
labels.npz (int32 [n] each), kept.npy (which pictures of the source were usable)
and meta.json. It is written under a temporary name and renamed, so that it is
there either whole or not at all, however many processes pack at once.
"""

from collections.abc import Callable
import contextlib
import dataclasses
import hashlib
import json
from pathlib import Path
import shutil
import tempfile
import time
from typing import TypeVar
import zipfile

from absl import logging
import numpy as np

from jaxgan import cache as cache_lib
from jaxgan import errors
from jaxgan.data import packing

_FORMAT = 1  # To be raised when the same source would pack to other bytes.
_STALE_SECONDS = 24 * 3600
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Entry:
  """What the cache holds of a source; `kept` are rows of `source.names`."""

  images: np.ndarray
  labels: dict[str, np.ndarray]
  kept: np.ndarray


def fetch(
  source: packing.Source, *, size: tuple[int, int], channels: int, root: str
) -> Entry:
  """The packed pictures of `source`, from the cache or packed now.

  Raises:
    UserError: no picture is usable, or the cache cannot be written.
  """
  if source.packed is not None:
    return Entry(source.packed, {}, np.arange(len(source.packed)))
  return folder(
    _key(source, size, channels),
    root,
    recall=_recall,
    make=lambda fresh: packing.pack(source, fresh, size, channels),
  )


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
  folder = cache_lib.root(root) / "data" / key
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
      # another process that packed the same pictures, and is as good as ours.
      if recall(folder) is None:
        with contextlib.suppress(FileNotFoundError):
          folder.rename(Path(scratch, "broken"))
      try:
        fresh.rename(folder)
      except OSError:
        if recall(folder) is None:
          raise
  except OSError as error:
    raise errors.UserError(
      f"{folder.parent}: cannot write the packed images ({error});"
      " free some space or set JAXGAN_CACHE to another folder"
    ) from error
  return recall(folder)


def _sweep(folder: Path) -> None:
  """Removes what a process that was killed while packing this entry left behind."""
  for left in folder.parent.glob(f"{folder.name}.*"):
    if time.time() - left.stat().st_mtime > _STALE_SECONDS:
      shutil.rmtree(left, ignore_errors=True)


def _key(source: packing.Source, size: tuple[int, int], channels: int) -> str:
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
