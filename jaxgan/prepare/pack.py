"""Images of any kind to one .npy file, with their labels in a .csv file beside it."""

import csv
from pathlib import Path
import re

from absl import logging
import numpy as np

from jaxgan import errors
from jaxgan.data import packed, store
from jaxgan.images import writer

_ROWS = 1024  # Copied at once.


def parse_size(text: str) -> tuple[int, int]:
  """--size: "96" or "64x128" to (height, width).

  Raises:
    UserError: it is neither.
  """
  found = re.fullmatch(r"([1-9]\d*)(?:x([1-9]\d*))?", text)
  if not found:
    raise errors.UserError(
      f"--size={text} is neither one number of pixels, such as 96, nor HEIGHTxWIDTH, "
      "such as 64x128."
    )
  return int(found[1]), int(found[2] or found[1])


def pack_images(
  path: str,
  output: Path,
  *,
  size: tuple[int, int],
  channels: int,
  split: str,
  only: str,
  labels: str,
) -> None:
  """Writes a set of images to `output`, which ends in .npy, and its labels to .csv.

  Args:
    path: as the other arguments, see `packed.load`.
    output: a new file.

  Raises:
    UserError: see `packed.load`; or an output that exists, has another suffix, or
      cannot be written.
  """
  labels_file = output.with_suffix(".csv")
  if output.suffix != ".npy":
    raise errors.UserError(f"{output}: --output must end in .npy")
  for file in (output, labels_file):
    if file.exists():
      raise errors.UserError(f"{file}: exists already; choose another --output")
  images = packed.load(
    path, size=size, channels=channels, split=split, only=only, labels=labels
  )
  with writer.explained(output), writer.whole_file(output) as temporary:
    _write_images(temporary, images)
    if images.labels:  # Neither file is there without the other.
      with writer.whole_file(labels_file) as table:
        _write_labels(table, images)
  logging.info("%s: %d images, %d skipped", output, len(images), images.skipped)


def _write_images(path: Path, images: packed.Packed) -> None:
  with open(path, "wb") as file:
    store.write_header(file, images.images.shape)
    for first in range(0, len(images), _ROWS):
      file.write(np.ascontiguousarray(images.images[first : first + _ROWS]).tobytes())


def _write_labels(path: Path, images: packed.Packed) -> None:
  with open(path, "w", newline="", encoding="utf-8") as file:
    table = csv.writer(file)
    table.writerow(["row", *images.labels])
    for i in range(len(images)):
      names = [
        images.classes[attribute][values[i]] if values[i] >= 0 else ""
        for attribute, values in images.labels.items()
      ]
      table.writerow([i, *names])
