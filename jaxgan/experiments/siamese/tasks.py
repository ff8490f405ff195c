"""What users do with a trained Siamese GAN: translate images, and compare."""

import pathlib
import time

from absl import logging
import numpy as np

from jaxgan.data import mixed
from jaxgan.engine import workdir
from jaxgan.errors import UserError, expanded
from jaxgan.experiments.shared import arguments, unpaired
from jaxgan.experiments.siamese import data, inference
from jaxgan.images import inputs, sheets, writer

SHOWN = 5  # Files left out whose reasons are logged.


def translate(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  border: str = "pad",
  scale: str = "1",
  crop: str = "",
  batch_size: int = 128,
) -> pathlib.Path:
  """Images of any size from domain A into domain B: a file, or a folder of files.

  A large image is read and written a band of rows at a time, so that memory does not
  grow with it.

  Args:
    input: an image, a folder of images, a glob in quotes, or shipped:NAME; of several
      files, those that cannot be read are left out and counted, and the results are
      PNG files of the same names.
    border: where sides are no multiple of the tile: pad (reflects and cuts off
      again), paper (leaves the rest out), anchor (lays the last tile over its
      neighbor) or blend (tiles overlap by half: slower, softer).
    scale: factor on height and width before translating; smaller images get larger
      strokes.
    crop: HEIGHTxWIDTH in pixels, or one number for both: only so much of the middle,
      for a look before a large image is translated.
    batch_size: tiles at once.
  """
  arguments.check_input(input)
  arguments.check_num(batch_size, name="batch_size")
  down, across = arguments.scale(scale)
  if down != across:
    raise UserError(f"--scale={scale}: translation scales both sides alike: give one.")
  window = arguments.size(crop, "crop") if crop else None
  window = (window, window) if isinstance(window, int) else window
  jobs = _jobs(input, output)
  translator = inference.open_translator(run, batch_size)
  start, total, refused = time.monotonic(), 0.0, []
  for source, result in jobs:
    try:
      total += inference.translate_file(
        translator, source, result, border=border, scale=down, crop=window
      )
    except UserError as error:
      if len(jobs) == 1 and not _is_folder(input):
        raise
      refused.append(str(error))
  for line in refused[:SHOWN]:
    logging.warning("left out: %s", line)
  if len(refused) == len(jobs):
    raise UserError(
      f"{input}: none of its {len(jobs)} files could be translated: {refused[0]}"
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
  return output


def _is_folder(text: str) -> bool:
  return expanded(text).is_dir()


def _jobs(
  text: str, output: pathlib.Path
) -> list[tuple[str | pathlib.Path, pathlib.Path]]:
  """(image, result) of all that is to be done, checked before any work.

  Raises:
    UserError: there is nothing to read, or the results have no place.
  """
  found = inputs.files(text)
  if len(found) > 1 or _is_folder(text):
    _check_folder(text, output)
    jobs = [(source, output / f"{name}.png") for name, source in found]
  else:
    ((name, source),) = found
    result = output / f"{name}.png" if output.is_dir() else output
    writer.check_format(result)
    jobs = [(source, result)]
  for source, result in [(expanded(text), output), *jobs]:
    if pathlib.Path(source).resolve() == result.resolve():
      raise UserError(f"--output={output} is the --input itself: choose another.")
  return jobs


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
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  num: int = 4,
  seed: int = 0,
  size: str = "",
) -> pathlib.Path:
  """A sheet .png of rows A | A translated | B, as the article shows its results.

  Args:
    input: an image or folder to take A from; by default the run's own, those held
      out of training.
    num: rows.
    seed: chooses the windows.
    size: side of the windows in pixels; by default 4 tiles, or what fits.
  """
  arguments.check_num(num)
  arguments.check_seed(seed)
  side, tile = arguments.side(size), run.config.data.size
  arguments.check_memory(3 * num, side or 4 * tile, side or 4 * tile)
  if output.suffix.lower() != ".png":
    raise UserError(f"--output={output}: name it .png.")
  domains = data.load(run.config)
  a = mixed.load(input, least=2 * tile) if input else domains.evaluated
  side = side or min(4 * tile, int(a.shapes.min()), int(domains.b.shapes.min()))
  shown = unpaired.windows(a, num, side, seed)
  target = unpaired.windows(domains.b, num, side, seed)
  translator = inference.open_translator(run)
  translated = np.stack([translator.image(x) for x in shown])
  rows = np.concatenate((shown, translated, target), 2)
  writer.write_png(output, sheets.grid(rows, 1))
  return output


TASKS = {"translate": translate, "strip": strip}
