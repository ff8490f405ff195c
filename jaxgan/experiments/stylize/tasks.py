"""What users do with a trained network: photographs repainted, one by one."""

from collections.abc import Sequence
import pathlib

from absl import logging
import numpy as np
from PIL import Image

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import style_weights
from jaxgan.experiments.stylize import comparisons, networks, video
from jaxgan.experiments.stylize.inference import Painter
from jaxgan.images import inputs, reader, writer

DEFAULT = "shipped:astronaut"
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")


def open_painter(run: workdir.Run, output: pathlib.Path) -> Painter:
  """The run's network; large pictures get their scratch files beside the output."""
  return Painter(networks.restore(run), output.absolute().parent)


def _places(
  output: pathlib.Path, names: Sequence[pathlib.PurePath]
) -> list[pathlib.Path]:
  """Where each picture goes: one to a file, or all below a folder."""
  if output.suffix.lower() in SUFFIXES and not output.is_dir():
    if len(names) > 1:
      raise UserError(
        f"--output={output}: {len(names)} pictures do not fit into one "
        "file: name a folder."
      )
    return [output]
  if output.suffix and not output.is_dir():
    raise UserError(
      f"--output={output}: name a folder, or a file such as {', '.join(SUFFIXES)}."
    )
  return [output / name.with_name(f"{name.name}.png") for name in names]


def stylize(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  style: str = "",
  strength: float = 1.0,
  keep_color: bool = False,
  size: int = 0,
  normalize: bool = True,
) -> pathlib.Path:
  """Photographs of any sizes in a style: a file, or a folder of files.

  Args:
    input: a photograph, a folder of them, or a glob in quotes.
    style: its name, or a mixture such as wave:0.6,shipwreck:0.4.
    strength: 0 gives the photograph, 1 the picture, more exaggerates.
    keep_color: keep the photograph's colors.
    size: reduce photographs to this longest side first; 0 leaves them.
    normalize: divide the weights of a mixture by their sum.
  """
  painter = open_painter(run, output)
  weights = style_weights.weights(style, painter.names, normalize=normalize)
  names = [name for name, _ in inputs.files(input or DEFAULT)]
  places = dict(zip(names, _places(output, names), strict=True))
  for photo in inputs.read(input or DEFAULT, size):
    made = painter(photo.pixels, weights)
    writer.write_image(
      places[photo.name],
      inputs.finish(photo, made, strength=strength, keep_color=keep_color),
    )
    if len(places) > 1:
      logging.info("picture %s", places[photo.name])
  return output


def mask(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  mask: str = "",
  style: str = "",
  strength: float = 1.0,
  keep_color: bool = False,
  size: int = 0,
) -> pathlib.Path:
  """A photograph whose regions have styles of their own.

  Args:
    input: a photograph.
    mask: a gray picture, scaled to the photograph: black gets the first of the
      styles, white the last, evenly spaced grays those between, and other grays the
      mixture of their neighbors.
    style: two or more names, from black to white, such as wave,udnie.
    strength: 0 gives the photograph, 1 the picture, more exaggerates.
    keep_color: keep the photograph's colors.
    size: reduce the photograph to this longest side first; 0 leaves it.
  """
  painter = open_painter(run, output)
  chosen = list(style_weights.parse(style, painter.names)) or list(painter.names[:2])
  if len(chosen) < 2:
    raise UserError(f"--style={style}: regions need two styles or more.")
  (place,) = _places(output, [pathlib.PurePath("mask")])
  photo = next(inputs.read(input or DEFAULT, size))
  try:
    gray = reader.read(mask, channels=1)
  except Exception as error:  # Damaged files make Pillow raise nearly anything.
    raise UserError(f"--mask={mask}: is no usable image ({error}).") from error
  h, w = photo.pixels.shape[:2]
  levels = np.asarray(gray.resize((w, h), Image.Resampling.BILINEAR))
  rows = [painter.names.index(name) for name in chosen]

  def weights_of(levels):
    return style_weights.weights_of_levels(levels, rows, len(painter.names))

  made = painter(photo.pixels, levels, weights_of)
  writer.write_image(
    place, inputs.finish(photo, made, strength=strength, keep_color=keep_color)
  )
  return output


def grid(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  num: int = 4,
  style: str = "",
  size: int = 256,
) -> pathlib.Path:
  """A sheet (.png): photographs down, styles across.

  Args:
    input: photographs: a file, a folder, or a glob in quotes.
    num: photographs at most.
    style: names of styles; all if not given.
    size: side of every picture, cut from the middle.
  """
  painter = open_painter(run, output)
  names = list(style_weights.parse(style, painter.names)) or list(painter.names)
  squares = comparisons.squares(inputs.read(input or DEFAULT, 2 * size), num, size)
  writer.write_png(comparisons.named(output), comparisons.grid(painter, squares, names))
  return output


def blend(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  style: str = "",
  num: int = 5,
  size: int = 256,
) -> pathlib.Path:
  """A sheet (.png) of one photograph whose corners have four styles, mixed between.

  Args:
    input: a photograph.
    style: four names: top left, top right, bottom left, bottom right; two make a row.
    num: pictures a side.
    size: side of every picture, cut from the middle.
  """
  painter = open_painter(run, output)
  names = list(style_weights.parse(style, painter.names)) or list(painter.names[:4])
  (square,) = comparisons.squares(inputs.read(input or DEFAULT, 2 * size), 1, size)
  writer.write_png(
    comparisons.named(output), comparisons.blend(painter, square, names, num)
  )
  return output


TASKS = {
  "stylize": stylize,
  "grid": grid,
  "blend": blend,
  "mask": mask,
  "video": video.video,
}
