"""Films repainted frame by frame."""

from collections.abc import Iterator
import pathlib
from typing import NamedTuple

import numpy as np

from jaxgan import progress
from jaxgan.engine import workdir
from jaxgan.errors import UserError, expanded
from jaxgan.experiments.shared import outputs, style_weights
from jaxgan.experiments.stylize import inference
from jaxgan.experiments.stylize.inference import FRAME, FilmPainter
from jaxgan.experiments.stylize.tasks import sized
from jaxgan.images import film, film_reader, inputs, writer


class Frames(NamedTuple):
  """What is to be repainted.

  Attributes:
    fps: frames a second.
    count: how many there are, about.
    frames: one after the other.
  """

  fps: float
  count: int
  frames: Iterator[inputs.Photograph]


def video(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  input: str = "",
  style: str = "",
  smooth: float = 0.9,
  keep_color: bool = False,
  size: str = "",
  fps: float = 0.0,
) -> pathlib.Path:
  """A film (.mp4, .gif, .webp) or a folder of frames, of a film or a folder of frames.

  Args:
    input: a film, which needs ffmpeg unless it is .gif or .webp, or a folder of frames,
      which are taken in the order of their names.
    style: its name, or a mixture such as wave:0.6,shipwreck:0.4; a network trained to
      read paintings takes files, too: wave:0.6,PAINTING.jpg:0.4.
    smooth: share of the earlier frames in the statistics that normalize a frame: more
      flickers less and follows cuts later; in [0, 1).
    keep_color: keep the frames' colors.
    size: pixels of the longer side, to which larger frames are reduced first; or
      HEIGHTxWIDTH, to which all are scaled and cut; by default they stay as they are.
    fps: frames a second of the result; 0 takes the film's, or 25.
  """
  if not 0 <= smooth < 1:
    raise UserError(f"--smooth={smooth} must be in [0, 1).")
  film.check_output(output)
  if fps:
    film.check_fps(fps)
  if not input:
    raise UserError("say which film or folder of frames with --input=PATH.")
  outputs.check_apart(output, input=input)
  trained = inference.restore(run, style)
  weights = style_weights.weights(style, trained.names)
  paint = FilmPainter(trained, weights, smooth)
  source = _frames(input)
  repainted = _repainted(paint, source, output, size, keep_color)
  if output.suffix:
    film.write(output, repainted, fps=fps or source.fps)
  else:
    for i, frame in enumerate(repainted):
      writer.write_png(output / f"{i:06d}.png", frame)
  return output


def _repainted(
  paint: FilmPainter, source: Frames, output: pathlib.Path, size: str, keep_color: bool
) -> Iterator[np.ndarray]:
  """The frames of a film repainted, uint8 [h, w, 3].

  Raises:
    UserError: their sizes differ, or are too large.
  """
  shape = None
  with progress.track(source.count, "repainting", unit="frames") as advance:
    for frame in sized.resized(source.frames, size):
      if shape is None:
        shape = frame.pixels.shape
        film.check_size(output, source.count, *shape[:2])
      if frame.pixels.shape != shape:
        raise UserError(
          f"frame {frame.name} has {frame.pixels.shape[:2]} pixels, those "
          f"before {shape[:2]}: a film's frames have one size."
        )
      if shape[0] * shape[1] > FRAME:
        raise UserError(
          f"frames of {shape[1]}x{shape[0]} pixels are too large to keep "
          "their statistics: reduce them with --size=1920."
        )
      yield inputs.finish(
        frame._replace(alpha=None), paint(frame.pixels), keep_color=keep_color
      )
      advance()


def _frames(text: str) -> Frames:
  """The frames of a film, or those in a folder.

  Raises:
    UserError: there is none, or it cannot be read.
  """
  place = expanded(text)
  if not place.exists():
    raise UserError(f"--input={text}: no such film or folder of frames.")
  if place.is_dir():
    return Frames(25.0, len(inputs.files(text)), inputs.read(text))
  if place.suffix.lower() not in film_reader.SUFFIXES:
    known = ", ".join(film_reader.SUFFIXES)
    raise UserError(f"--input={text}: is no film; known: {known}.")
  found = film_reader.read(place)
  named = (
    inputs.Photograph(pathlib.PurePath(f"{i:06d}"), frame, None)
    for i, frame in enumerate(found.frames)
  )
  return Frames(found.fps, found.count, named)
