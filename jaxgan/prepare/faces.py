"""A folder of illustrations to a set of faces to train on."""

from collections.abc import Iterable, Iterator
from concurrent import futures
import contextlib
import dataclasses
import json
import multiprocessing
from pathlib import Path
import tempfile

from absl import logging
import numpy as np
from PIL import Image

from jaxgan import errors, progress
from jaxgan.images import inputs, writer
from jaxgan.prepare import detection


def collect(
  folder: str,
  output: str,
  settings: detection.Settings,
  *,
  detector: detection.Detector = detection.detect,
  num_processes: int = 1,
) -> dict[str, int]:
  """Cuts one face out of each image and divides them 1:1 into train and test.

  Args:
    folder: images of any kind, nested as they like.
    output: a new folder: train/ and test/ with JPEG files MD5-0.jpg, where MD5 is
      that of the image's file, and provenance.json, which tells where each face
      came from and how many were dropped for what reason.
    settings: what to keep.
    detector: finds faces in an RGB image.
    num_processes: how many images to search at once.

  Returns:
    How many images were kept, and dropped for each reason.

  Raises:
    UserError: no image or face, no detector, or an output that exists or cannot be
      written.
  """
  place, target = errors.expanded(folder), errors.expanded(output)
  if not place.is_dir():
    raise errors.UserError(f"{folder}: no such folder")
  if target.exists() and (not target.is_dir() or any(target.iterdir())):
    raise errors.UserError(f"{output}: exists already; choose another --output")
  names = inputs.files_in(place)
  if names:
    detector(Image.new("RGB", (64, 64)))  # Fails now rather than for each image.
  with _scratch(target) as fresh:
    crops = _search(place, names, settings, detector, num_processes)
    kept, counts = _write_distinct(crops, fresh, settings)
    logging.info("%s: %s", folder, _listed(counts))
    if not kept:
      raise errors.UserError(f"{folder}: no usable face ({_listed(counts)})")
    with writer.explained(target):
      _divide(kept, counts, fresh, settings)
      fresh.rename(target)
  return counts


@contextlib.contextmanager
def _scratch(target: Path) -> Iterator[Path]:
  """A new folder beside a path, which may be renamed to it."""
  with contextlib.ExitStack() as stack:
    with writer.explained(target):
      target.parent.mkdir(parents=True, exist_ok=True)
      place = tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.")
      fresh = Path(stack.enter_context(place), "set")
      fresh.mkdir()
    yield fresh


def _search(
  place: Path,
  names: list[str],
  settings: detection.Settings,
  detector: detection.Detector,
  num_processes: int,
) -> Iterator[detection.Crop]:
  tasks = [(place, name, settings, detector) for name in names]
  with contextlib.ExitStack() as stack:
    crops: Iterable[detection.Crop] = map(detection.crop, tasks)
    if num_processes > 1:
      spawn = multiprocessing.get_context("spawn")  # Forking a process with threads.
      pool = futures.ProcessPoolExecutor(num_processes, mp_context=spawn)
      crops = stack.enter_context(pool).map(detection.crop, tasks, chunksize=4)
    advance = stack.enter_context(progress.track(len(names), "searching for faces"))
    for crop in crops:
      yield crop
      advance(1)


def _write_distinct(
  crops: Iterable[detection.Crop], fresh: Path, settings: detection.Settings
) -> tuple[list[detection.Crop], dict[str, int]]:
  """Writes the crops that resemble no earlier one; returns them, and counts."""
  kept: list[detection.Crop] = []
  counts = {"kept": 0}
  hashes = np.empty((256, 4), np.uint64)
  for crop in crops:
    reason = crop.dropped
    if not reason:
      bits = np.frombuffer(crop.bits, np.uint64)
      different = hashes[: len(kept)] ^ bits
      if (np.bitwise_count(different).sum(1) < settings.min_difference).any():
        reason = "duplicate"
    if not reason:
      if len(kept) == len(hashes):
        hashes = np.concatenate([hashes, np.empty_like(hashes)])
      hashes[len(kept)] = bits
      with writer.explained(fresh / crop.name):
        (fresh / crop.name).write_bytes(crop.jpeg)
      kept.append(dataclasses.replace(crop, jpeg=b""))
    counts[reason or "kept"] = counts.get(reason or "kept", 0) + 1
  return kept, counts


def _divide(
  kept: list[detection.Crop],
  counts: dict[str, int],
  fresh: Path,
  settings: detection.Settings,
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
    files.append(
      {
        "file": f"{split}/{crop.name}",
        "source": crop.source,
        "box": list(crop.face.box),
        "likelihood": crop.face.likelihood,
        "hash": crop.bits.hex(),
      }
    )
  provenance = {
    "settings": dataclasses.asdict(settings),
    "counts": counts,
    "files": files,
  }
  (fresh / "provenance.json").write_text(json.dumps(provenance, indent=1))


def _listed(counts: dict[str, int]) -> str:
  return ", ".join(f"{count} {reason}" for reason, count in counts.items())
