"""What users do with a trained Siamese GAN: translate images, and compare."""

import pathlib

from jaxgan.engine import workdir
from jaxgan.experiments.shared import arguments, outputs, translations
from jaxgan.experiments.siamese import data, inference


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
  factor = translations.factor(scale)
  window = translations.middle(crop)
  places = outputs.places(input, output)
  translator = inference.open_translator(run, batch_size)
  translations.run(
    input,
    places,
    lambda source, result: inference.translate_file(
      translator, source, result, border=border, scale=factor, crop=window
    ),
  )
  return output


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
  tile = run.config.data.size
  translations.strip(
    output,
    lambda: data.load(run.config),
    lambda: inference.open_translator(run).image,
    input=input,
    num=num,
    seed=seed,
    size=size,
    most=4 * tile,
    least=2 * tile,
  )
  return output


TASKS = {"translate": translate, "strip": strip}
