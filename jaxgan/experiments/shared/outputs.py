"""What tasks write: a sheet, an array, or a file for each image, as they are made."""

from collections.abc import Iterable
import pathlib

import numpy as np

from jaxgan.data import store
from jaxgan.errors import UserError
from jaxgan.experiments.shared.arguments import check_sheet
from jaxgan.images import writer


def check_output(
  output: pathlib.Path,
  num: int,
  height: int,
  width: int,
  columns: int = 0,
  others: str = "",
) -> None:
  """Raises UserError for a name of no known kind, or a sheet too large for memory.

  Args:
    output: a sheet .png, an array .npy, or a folder if it has no suffix.
    num: images.
    height, width: of each, in pixels.
    columns: images in a row of a sheet; 0 makes it about square.
    others: other kinds of files that the task writes, for the error.
  """
  suffix = output.suffix.lower()
  if suffix not in ("", ".png", ".npy"):
    raise UserError(
      f"--output={output}: name {others}a sheet .png, an array .npy, or a folder "
      "of files without a suffix."
    )
  if suffix == ".png":
    check_sheet(num, height, width, columns)


def write(
  output: pathlib.Path, batches: Iterable[np.ndarray], num: int, columns: int = 0
) -> None:
  """Writes images; all but a sheet needs memory for one batch only.

  Args:
    output: see `check_output`.
    batches: of uint8 [n, h, w, c], together `num` images.
    num: images.
    columns: images in a row of a sheet; 0 makes it about square.
  """
  if output.suffix.lower() == ".npy":
    _write_array(output, batches, num)
  else:
    writer.write_images(output, batches, columns)


def _write_array(output: pathlib.Path, batches: Iterable[np.ndarray], num: int) -> None:
  """A .npy file of uint8 [num, h, w, c]."""
  with writer.whole_file(output) as temporary, temporary.open("wb") as file:
    for i, batch in enumerate(batches):
      if i == 0:
        store.write_header(file, (num, *batch.shape[1:]))
      file.write(batch.tobytes())
