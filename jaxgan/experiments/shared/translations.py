"""Tasks of families that translate images of A into B: file by file, and in strips."""

from collections.abc import Callable, Sequence
import pathlib
import time

from absl import logging
import numpy as np

from jaxgan.data import mixed
from jaxgan.errors import UserError, expanded
from jaxgan.experiments.shared import arguments, unpaired
from jaxgan.images import inputs, sheets, writer

SHOWN = 5  # Files left out whose reasons are logged.
Job = tuple[str | pathlib.Path, pathlib.Path]


def factor(scale: str) -> float:
  """--scale, the same for both sides.

  Raises:
    UserError: it is none.
  """
  down, across = arguments.scale(scale)
  if down != across:
    raise UserError(f"--scale={scale}: translation scales both sides alike: give one.")
  return down


def middle(crop: str) -> tuple[int, int] | None:
  """--crop: (height, width) of the middle in pixels, or None for all of the image.

  Raises:
    UserError: it is none.
  """
  window = arguments.size(crop, "crop") if crop else None
  return (window, window) if isinstance(window, int) else window


def run(
  text: str,
  jobs: Sequence[Job],
  translate: Callable[[str | pathlib.Path, pathlib.Path], float],
) -> None:
  """Translates files; of several, those that cannot be read are left out and counted.

  Args:
    text: what --input said.
    jobs: see `jobs`.
    translate: from file to file; returns the megapixels written.

  Raises:
    UserError: none of them could be translated.
  """
  start, total, refused = time.monotonic(), 0.0, []
  for source, result in jobs:
    try:
      total += translate(source, result)
    except UserError as error:
      if len(jobs) == 1 and not _is_folder(text):
        raise
      refused.append(str(error))
  for line in refused[:SHOWN]:
    logging.warning("left out: %s", line)
  if len(refused) == len(jobs):
    raise UserError(
      f"{text}: none of its {len(jobs)} files could be translated: {refused[0]}"
    )
  seconds = time.monotonic() - start
  logging.info(
    "%d image(s), %d left out: %.2f megapixels in %.1f s, %.3g a second",
    len(jobs) - len(refused),
    len(refused),
    total,
    seconds,
    total / seconds,
  )


def _is_folder(text: str) -> bool:
  return expanded(text).is_dir()


def jobs(text: str, output: pathlib.Path) -> list[Job]:
  """(image, result) of all that is to be done, checked before any work.

  Raises:
    UserError: there is nothing to read, or the results have no place.
  """
  found = inputs.files(text)
  if len(found) > 1 or _is_folder(text):
    _check_folder(text, output)
    found = [(source, output / f"{name}.png") for name, source in found]
  else:
    ((name, source),) = found
    result = output / f"{name}.png" if output.is_dir() else output
    writer.check_format(result)
    found = [(source, result)]
  for source, result in [(expanded(text), output), *found]:
    if pathlib.Path(source).resolve() == result.resolve():
      raise UserError(f"--output={output} is the --input itself: choose another.")
  return found


def _check_folder(text: str, output: pathlib.Path) -> None:
  """Raises UserError where a folder is needed and a file is named."""
  if output.exists() and not output.is_dir():
    raise UserError(
      f"--output={output} is a file, and --input={text} means several images: give a "
      "folder."
    )
  if output.suffix.lower() in (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"):
    raise UserError(
      f"--output={output} names one image, and --input={text} means several: give a "
      "folder."
    )


def strip(
  output: pathlib.Path,
  load: Callable[[], unpaired.Domains],
  open_translator: Callable[[], Callable[[np.ndarray], np.ndarray]],
  *,
  input: str,
  num: int,
  seed: int,
  size: str,
  most: int,
  least: int,
) -> None:
  """Writes a sheet .png of rows A | A translated | B.

  Args:
    output: the sheet.
    load: reads both domains; called after the options are checked.
    open_translator: gives what translates an image uint8 [h, w, 3] to the same.
    input: where A is taken from; "" for the domain's images to evaluate.
    num: rows.
    seed: chooses the windows.
    size: their side in pixels, or "".
    most: their side if no size is given, unless images are smaller.
    least: pixels of the shortest side of images of `input`.

  Raises:
    UserError: an option makes no sense.
  """
  arguments.check_num(num)
  arguments.check_seed(seed)
  side = arguments.side(size)
  arguments.check_memory(3 * num, side or most, side or most)
  if output.suffix.lower() != ".png":
    raise UserError(f"--output={output}: name it .png.")
  domains = load()
  a = mixed.load(input, least=least) if input else domains.evaluated
  side = side or min(most, int(a.shapes.min()), int(domains.b.shapes.min()))
  shown, target = (unpaired.windows(x, num, side, seed) for x in (a, domains.b))
  translate = open_translator()
  translated = np.stack([translate(x) for x in shown])
  writer.write_png(
    output, sheets.grid(np.concatenate((shown, translated, target), 2), 1)
  )
