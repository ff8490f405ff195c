"""Where results go: a sheet, an array, or a file for each image, as they are made."""

from collections.abc import Iterable
import pathlib
from typing import NamedTuple

import numpy as np

from jaxgan.data import store
from jaxgan.errors import UserError, expanded
from jaxgan.experiments.shared.arguments import check_sheet
from jaxgan.images import examples, inputs, writer

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")


class Place(NamedTuple):
  """Where the result of one image goes.

  Attributes:
    name: of the image, see `inputs.files`.
    source: the image.
    result: the file to write.
  """

  name: pathlib.PurePath
  source: pathlib.Path | str
  result: pathlib.Path


def places(text: str, output: pathlib.Path) -> list[Place]:
  """Where the results of all that --input means go, checked before any work.

  Args:
    text: what --input says, see `inputs.files`.
    output: a file for one image, or a folder, which gets NAME.png for each.

  Raises:
    UserError: there is nothing to read; several images would go to one file, one to no
      image's; or a result would take the place of one of the images.
  """
  found = inputs.files(text)
  is_several = len(found) > 1 or expanded(text).is_dir()
  is_image = output.suffix.lower() in SUFFIXES and not output.is_dir()
  if is_several and (is_image or output.is_file()):
    raise UserError(
      f"--output={output} is one file, and --input={text} means several images: give "
      "a folder."
    )
  if is_several or output.is_dir() or not output.suffix:
    result = [Place(*one, output / f"{one[0]}.png") for one in found]
  else:
    writer.check_format(output)
    result = [Place(*found[0], output)]
  check_apart(output, input=text)
  sources = {pathlib.Path(place.source).resolve() for place in result}
  for place in result:
    if place.result.resolve() in sources:
      raise UserError(f"{place.result} is one of the images: choose another --output.")
  return result


def check_apart(output: pathlib.Path, **sources: str) -> None:
  """Raises UserError if a result would take the place of what it is made of.

  Args:
    output: what --output says.
    **sources: what other options say: files, or "" and "shipped:NAME", which are none.
  """
  for name, source in sources.items():
    is_file = source and not source.startswith(examples.PREFIX)
    if is_file and expanded(source).resolve() == output.resolve():
      raise UserError(f"--output={output} is the --{name} itself: choose another.")


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
