"""Photographs repainted one by one: in one style or a mixture, or by regions."""

import pathlib

import numpy as np
from PIL import Image

from jaxgan import progress
from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import outputs, style_weights
from jaxgan.experiments.shared.arguments import check_input
from jaxgan.experiments.stylize.inference import open_painter
from jaxgan.experiments.stylize.tasks import sized
from jaxgan.images import inputs, reader, writer


def stylize(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  style: str = "",
  strength: float = 1.0,
  keep_color: bool = False,
  size: str = "",
  normalize: bool = True,
) -> pathlib.Path:
  """Photographs of any sizes in a style: a file, or a folder of files.

  Args:
    input: a photograph, a folder of them, a glob in quotes, or shipped:NAME.
    style: its name, or a mixture such as wave:0.6,shipwreck:0.4; a network trained to
      read paintings takes files, too: wave:0.6,PAINTING.jpg:0.4.
    strength: 0 gives the photograph, 1 the style, more exaggerates.
    keep_color: keep the photograph's colors.
    size: pixels of the longer side, to which larger photographs are reduced first; or
      HEIGHTxWIDTH, to which all are scaled and cut; by default they stay as they are.
    normalize: divide the weights of a mixture by their sum.
  """
  check_input(input)
  places = {place.name: place.result for place in outputs.places(input, output)}
  painter = open_painter(run, output, style)
  weights = style_weights.weights(style, painter.names, normalize=normalize)
  with progress.track(len(places), "repainting", unit="photographs") as advance:
    for photo in sized.read(input, size):
      image = inputs.finish(
        photo, painter(photo.pixels, weights), strength=strength, keep_color=keep_color
      )
      writer.write_image(places[photo.name], image)
      advance()
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
  size: str = "",
) -> pathlib.Path:
  """A photograph whose regions have styles of their own.

  Args:
    input: a photograph, or shipped:NAME.
    mask: a gray image, scaled to the photograph: black gets the first of the styles,
      white the last, evenly spaced grays those between, and other grays the mixture of
      their neighbors.
    style: two or more names, from black to white, such as wave,udnie.
    strength: 0 gives the photograph, 1 the styles, more exaggerates.
    keep_color: keep the photograph's colors.
    size: pixels of the longer side, to which a larger photograph is reduced first; or
      HEIGHTxWIDTH, to which it is scaled and cut; by default it stays as it is.
  """
  check_input(input)
  check_input(mask, "mask")
  places = outputs.places(input, output)
  if len(places) > 1:
    raise UserError(
      f"--input={input} means {len(places)} images, and a mask is of one."
    )
  outputs.check_apart(output, mask=mask)
  painter = open_painter(run, output, style)
  chosen = list(style_weights.parse(style, painter.names)) or list(painter.names[:2])
  if len(chosen) < 2:
    raise UserError(f"--style={style}: regions need two styles or more.")
  photo = next(sized.read(input, size))
  try:
    gray = reader.read(mask, channels=1)
  except reader.UnreadableError as error:
    raise UserError(f"--mask={mask}: is no usable image ({error}).") from error
  h, w = photo.pixels.shape[:2]
  levels = np.asarray(gray.resize((w, h), Image.Resampling.BILINEAR))
  rows = [painter.names.index(name) for name in chosen]

  def weights_of(levels):
    return style_weights.weights_of_levels(levels, rows, len(painter.names))

  image = inputs.finish(
    photo,
    painter(photo.pixels, levels, weights_of),
    strength=strength,
    keep_color=keep_color,
  )
  writer.write_image(places[0].result, image)
  return output
