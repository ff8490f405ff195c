"""Faces cut out of illustrations: a folder of drawings to a set to train on.

The recipe of the public anime face sets: the likeliest face of a picture, half its
side of margin around it, 96x96 pixels; then near-duplicates and flat pictures go.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
import contextlib
import dataclasses
import hashlib
import io
import json
import multiprocessing
from pathlib import Path
import tempfile
import time

from absl import logging
import numpy as np
import PIL
from PIL import Image

from jaxgan import errors
from jaxgan.data import pictures, sources

_LOG_SECONDS = 10.0


@dataclasses.dataclass(frozen=True)
class Face:
  """A face in a picture: (left, top, width, height) in pixels."""

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
class _Crop:
  """One face, or the reason why there is none."""

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
        'finding faces needs animeface; run: pip install "jaxgan[faces]"'
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


def collect(
    folder: str,
    output: str,
    settings: Settings,
    *,
    detector: Detector = detect,
    num_processes: int = 1,
) -> dict[str, int]:
  """Cuts one face out of each picture and divides them 1:1 into train and test.

  Args:
    folder: pictures of any kind, nested as they like.
    output: a new folder: train/ and test/ with JPEG files MD5-0.jpg, where MD5 is
      that of the picture's file, and provenance.json, which tells where each face
      came from and how many were dropped for what reason.
    settings: what to keep.
    detector: finds faces in an RGB image.
    num_processes: how many pictures to search at once.

  Returns:
    How many pictures were kept, and dropped for each reason.

  Raises:
    UserError: no picture or face, an output that exists, or no detector.
  """
  place, target = Path(folder).expanduser(), Path(output).expanduser()
  if not place.is_dir():
    raise errors.UserError(f"{folder}: no such folder")
  if target.exists() and (not target.is_dir() or any(target.iterdir())):
    raise errors.UserError(f"{output}: exists already; choose another --output")
  names = sources.files_in(place)
  if names:
    detector(Image.new("RGB", (64, 64)))  # Fails now rather than for each picture.
  target.parent.mkdir(parents=True, exist_ok=True)
  with tempfile.TemporaryDirectory(
      dir=target.parent, prefix=f".{target.name}."
  ) as scratch:
    fresh = Path(scratch, "set")
    fresh.mkdir()
    crops = _search(place, names, settings, detector, num_processes)
    kept, counts = _write_distinct(crops, fresh, settings)
    logging.info("%s: %s", folder, _told(counts))
    if not kept:
      raise errors.UserError(f"{folder}: no usable face ({_told(counts)})")
    _divide(kept, counts, fresh, settings)
    fresh.rename(target)
  return counts


def _search(
    place: Path,
    names: list[str],
    settings: Settings,
    detector: Detector,
    num_processes: int,
) -> Iterator[_Crop]:
  tasks = [(place, name, settings, detector) for name in names]
  with contextlib.ExitStack() as stack:
    crops: Iterable[_Crop] = map(_crop, tasks)
    if num_processes > 1:
      spawn = multiprocessing.get_context("spawn")  # Forking a process with threads.
      pool = futures.ProcessPoolExecutor(num_processes, mp_context=spawn)
      crops = stack.enter_context(pool).map(_crop, tasks, chunksize=4)
    last = time.monotonic()
    for i, crop in enumerate(crops):
      yield crop
      if time.monotonic() - last > _LOG_SECONDS:
        last = time.monotonic()
        logging.info("searched %d of %d pictures", i + 1, len(names))


def _crop(task: tuple[Path, str, Settings, Detector]) -> _Crop:
  """The likeliest face of one picture."""
  place, name, settings, detector = task
  try:
    raw = (place / name).read_bytes()
    image = pictures.read(io.BytesIO(raw), channels=3)
  except Exception:  # Damaged files make Pillow raise nearly anything.
    return _Crop(name, "unreadable")
  found = detector(image)
  if not found:
    return _Crop(name, "no face")
  face = max(found, key=lambda face: face.likelihood)
  left, top, width, height = face.box
  wide, high = settings.margin * width, settings.margin * height
  cut = image.crop((
      max(0, round(left - wide)),
      max(0, round(top - high)),
      min(image.width, round(left + width + wide)),
      min(image.height, round(top + height + high)),
  ))
  if min(cut.size) < settings.min_side:
    return _Crop(name, "too small")
  result = Image.fromarray(pictures.fit(cut, (settings.size, settings.size)))
  grey = result.convert("L")
  if np.asarray(grey).std() < settings.min_contrast:
    return _Crop(name, "flat")
  file = io.BytesIO()
  result.save(file, "JPEG", quality=95)
  stem = hashlib.md5(raw, usedforsecurity=False).hexdigest()
  return _Crop(
      name, "", f"{stem}-0.jpg", face, difference_hash(grey), file.getvalue()
  )


def difference_hash(grey: Image.Image) -> bytes:
  """256 bits: whether each pixel of a 16x16 version is darker than the next one."""
  small = np.asarray(grey.resize((17, 16), Image.Resampling.LANCZOS), np.int16)
  return np.packbits(small[:, 1:] > small[:, :-1]).tobytes()


def _write_distinct(
    crops: Iterable[_Crop], fresh: Path, settings: Settings
) -> tuple[list[_Crop], dict[str, int]]:
  """Writes the crops that resemble no earlier one; returns them, and counts."""
  kept: list[_Crop] = []
  counts = {"kept": 0}
  hashes = np.empty((256, 4), np.uint64)
  for crop in crops:
    reason = crop.dropped
    if not reason:
      bits = np.frombuffer(crop.bits, np.uint64)
      seen = hashes[: len(kept)] ^ bits
      if (np.bitwise_count(seen).sum(1) < settings.min_difference).any():
        reason = "duplicate"
    if not reason:
      if len(kept) == len(hashes):
        hashes = np.concatenate([hashes, np.empty_like(hashes)])
      hashes[len(kept)] = bits
      (fresh / crop.name).write_bytes(crop.jpeg)
      kept.append(dataclasses.replace(crop, jpeg=b""))
    counts[reason or "kept"] = counts.get(reason or "kept", 0) + 1
  return kept, counts


def _divide(
    kept: list[_Crop], counts: dict[str, int], fresh: Path, settings: Settings
) -> None:
  """Moves the crops to train and test at random, and writes provenance.json."""
  order = np.random.RandomState(settings.seed).permutation(len(kept))
  in_train = set(order[: (len(kept) + 1) // 2].tolist())
  files = []
  for split in ("train", "test"):
    (fresh / split).mkdir()
  for i, crop in enumerate(kept):
    split = "train" if i in in_train else "test"
    (fresh / crop.name).rename(fresh / split / crop.name)
    files.append({
        "file": f"{split}/{crop.name}",
        "source": crop.source,
        "box": list(crop.face.box),
        "likelihood": crop.face.likelihood,
        "hash": crop.bits.hex(),
    })
  provenance = {
      "settings": dataclasses.asdict(settings), "counts": counts, "files": files
  }
  (fresh / "provenance.json").write_text(json.dumps(provenance, indent=1))


def _told(counts: dict[str, int]) -> str:
  return ", ".join(f"{count} {reason}" for reason, count in counts.items())
