"""What users do with a trained Siamese GAN: translate pictures, and compare."""

import pathlib
import time

from absl import logging
import numpy as np

from jaxgan.data import mixed
from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.siamese import data, inference
from jaxgan.experiments.siamese import networks as networks_lib
from jaxgan.images import inputs, sheets, writer


def open_translator(run: workdir.Run, batch_size: int = 128) -> inference.Translator:
  """The averaged generator of a run's checkpoint."""
  if batch_size < 1:
    raise UserError(f"--batch={batch_size} must be 1 or more.")
  return inference.Translator(
    networks_lib.networks(run.config), run.restore("extra.ema"), batch_size
  )


def translate(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  border: str = "pad",
  infer_scale: float = 1.0,
  batch: int = 128,
) -> pathlib.Path:
  """A picture of any size, or all in a folder, from domain A into domain B.

  A PNG is read and written a band at a time, so that memory does not grow with it.

  Args:
    input: a picture, or a folder of pictures; of a folder, those that cannot be read
      are left out and counted, and the results are PNG files of the same names.
    border: where sides are no multiple of the tile: pad (reflects and cuts off
      again), paper (leaves the rest out), anchor (lays the last tile over its
      neighbor) or blend (tiles overlap by half: slower, softer).
    infer_scale: factor on both sides before translating; smaller pictures get larger
      strokes.
    batch: tiles at once.
  """
  if not input:
    raise UserError("say which picture or folder to translate with --input=PATH.")
  if infer_scale <= 0:
    raise UserError(f"--infer_scale={infer_scale} must be over 0.")
  source = pathlib.Path(input).expanduser()
  jobs = _jobs(source, output)
  translator = open_translator(run, batch)
  start, total, refused = time.monotonic(), 0.0, []
  for path, result in jobs:
    try:
      total += inference.translate_file(
        translator, path, result, border=border, scale=infer_scale
      )
    except UserError as error:
      if not source.is_dir():
        raise
      refused.append(str(error))
  for line in refused[:5]:
    logging.warning("left out: %s", line)
  if len(refused) == len(jobs):
    raise UserError(
      f"{source}: none of its {len(jobs)} files could be translated: {refused[0]}"
    )
  seconds = time.monotonic() - start
  logging.info(
    "%d picture(s), %d left out: %.2f megapixels in %.1f s, %.3g a second",
    len(jobs) - len(refused),
    len(refused),
    total,
    seconds,
    total / seconds,
  )
  return output


def _jobs(
  source: pathlib.Path, output: pathlib.Path
) -> list[tuple[pathlib.Path, pathlib.Path]]:
  """(picture, result) of all that is to be done, checked before any work.

  Raises:
    UserError: there is nothing to read, or the results have no place.
  """
  if not source.is_dir():
    if output.is_dir():
      output = output / f"{source.stem}.png"
    writer.check_format(output)
    if output.resolve() == source.resolve():
      raise UserError(f"--output={output} is the --input itself: choose another.")
    return [(source, output)]
  names = inputs.files_in(source)
  if not names:
    raise UserError(f"{source}: the folder is empty; put pictures into it")
  if output.exists() and not output.is_dir():
    raise UserError(
      f"--output={output} is a file, and {source} a folder of pictures: give a folder."
    )
  if output.suffix.lower() in (".png", ".jpg", ".jpeg", ".tif", ".webp"):
    raise UserError(
      f"--output={output} names one picture, and {source} is a folder of "
      "pictures: give a folder."
    )
  if output.resolve() == source.resolve():
    raise UserError(f"--output={output} is the --input itself: choose another.")
  results = [output / f"{name}.png" for name in names]
  plain = [output / pathlib.Path(name).with_suffix(".png") for name in names]
  # x.jpg and x.png would both become x.png.
  return list(
    zip(
      [source / name for name in names],
      plain if len(set(plain)) == len(plain) else results,
      strict=True,
    )
  )


def strip(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  num: int = 4,
  seed: int = 0,
  size: int = 0,
) -> pathlib.Path:
  """A picture .png of rows A | A translated | B, as the article shows its results.

  Args:
    input: a picture or folder to take A from; by default the run's own, those held
      out of training.
    num: rows.
    seed: chooses the windows.
    size: side of the windows in pixels; 0 is 4 tiles, or what fits.
  """
  if num < 1:
    raise UserError(f"--num={num} must be at least 1.")
  if output.suffix.lower() != ".png":
    raise UserError(f"--output={output}: name it .png.")
  domains = data.load(run.config)
  tile = run.config.data.size
  a = mixed.load(input, least=2 * tile) if input else domains.judged
  side = size or min(4 * tile, int(a.shapes.min()), int(domains.b.shapes.min()))
  if side < 1:
    raise UserError(f"--size={size} must be at least 1.")
  shown = data.windows(a, num, side, seed)
  translator = open_translator(run)
  translated = np.stack([translator.picture(x) for x in shown])
  columns = (shown, translated, data.windows(domains.b, num, side, seed))
  writer.write_png(output, sheets.grid(np.concatenate(columns, 2), 1))
  return output


TASKS = {"translate": translate, "strip": strip}
