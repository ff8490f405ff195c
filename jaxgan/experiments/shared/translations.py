"""Tasks of families that translate images of A into B: file by file, and in strips."""

from collections.abc import Callable, Sequence
import pathlib
import time

from absl import logging
import numpy as np

from jaxgan.data import mixed
from jaxgan.errors import UserError, expanded
from jaxgan.experiments.shared import arguments, outputs, unpaired
from jaxgan.images import sheets, writer

SHOWN = 5  # Files left out whose reasons are logged.


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
  places: Sequence[outputs.Place],
  translate: Callable[[str | pathlib.Path, pathlib.Path], float],
) -> None:
  """Translates files; of several, those that cannot be read are left out and counted.

  Args:
    text: what --input said.
    places: where they go, see `outputs.places`.
    translate: from file to file; returns the megapixels written.

  Raises:
    UserError: none of them could be translated.
  """
  start, total, refused = time.monotonic(), 0.0, []
  for _, source, result in places:
    try:
      total += translate(source, result)
    except UserError as error:
      if len(places) == 1 and not expanded(text).is_dir():
        raise
      refused.append(str(error))
  for line in refused[:SHOWN]:
    logging.warning("left out: %s", line)
  if len(refused) == len(places):
    raise UserError(
      f"{text}: none of its {len(places)} files could be translated: {refused[0]}"
    )
  seconds = time.monotonic() - start
  logging.info(
    "%d image(s), %d left out: %.2f megapixels in %.1f s, %.3g a second",
    len(places) - len(refused),
    len(refused),
    total,
    seconds,
    total / seconds,
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
  outputs.check_apart(output, input=input)
  domains = load()
  a = mixed.load(input, least=least) if input else domains.evaluated
  side = side or min(most, int(a.shapes.min()), int(domains.b.shapes.min()))
  shown, target = (unpaired.windows(x, num, side, seed) for x in (a, domains.b))
  translate = open_translator()
  translated = np.stack([translate(x) for x in shown])
  writer.write_png(
    output, sheets.grid(np.concatenate((shown, translated, target), 2), 1)
  )
