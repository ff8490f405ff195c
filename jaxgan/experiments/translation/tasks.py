"""What users do with trained translators: translate images, and compare."""

import pathlib

from jaxgan.engine import workdir
from jaxgan.experiments.shared import arguments, outputs, translations
from jaxgan.experiments.translation import data, inference


def translate(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  direction: str = "ab",
  scale: str = "1",
  crop: str = "",
) -> pathlib.Path:
  """Images of any size from one domain into the other: a file, or a folder of files.

  Args:
    input: an image, a folder of images, a glob in quotes, or shipped:NAME; of several
      files, those that cannot be read are left out and counted, and the results are
      PNG files of the same names.
    direction: ab, or ba (CycleGAN alone learns it).
    scale: factor on height and width before translating; smaller images get larger
      strokes.
    crop: HEIGHTxWIDTH in pixels, or one number for both: only so much of the middle,
      as if it were the image; colors differ a little from those within the whole.
  """
  arguments.check_input(input)
  factor, window = translations.factor(scale), translations.middle(crop)
  places = outputs.places(input, output)
  scratch = places[0].result.absolute().parent
  translator = inference.open_translator(run, direction, scratch)
  translations.run(
    input,
    places,
    lambda source, result: inference.translate_file(
      translator, source, result, scale=factor, crop=window
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
  """A sheet .png of rows A | A translated | B.

  Args:
    input: an image or folder to take A from; by default the run's own, those held
      out of training.
    num: rows.
    seed: chooses the windows.
    size: side of the windows in pixels; by default that of training.
  """
  side, scratch = run.config.data.size, output.absolute().parent
  translations.strip(
    output,
    lambda: data.load(run.config),
    lambda: inference.open_translator(run, "ab", scratch).image,
    input=input,
    num=num,
    seed=seed,
    size=size,
    most=side,
    least=side,
  )
  return output


TASKS = {"translate": translate, "strip": strip}
