"""Films repainted frame by frame."""

from collections.abc import Iterator
import contextlib
import pathlib
import tempfile

import numpy as np

from jaxgan import progress
from jaxgan.engine import workdir
from jaxgan.errors import UserError, expanded
from jaxgan.experiments.shared import style_weights
from jaxgan.experiments.stylize import inference
from jaxgan.experiments.stylize.inference import FRAME, FilmPainter
from jaxgan.experiments.stylize.tasks import sized
from jaxgan.images import film, inputs, writer

FILMS = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".gif", ".webp")


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
  if output.suffix and output.suffix not in film.SUFFIXES:
    raise UserError(
      f"--output={output}: name a film {', '.join(film.SUFFIXES)}, or a folder."
    )
  if not input:
    raise UserError("say which film or folder of frames with --input=PATH.")
  trained = inference.restore(run, style)
  weights = style_weights.weights(style, trained.names)
  paint = FilmPainter(trained, weights, smooth)
  with _frames(input, output.absolute().parent) as (folder, rate):
    frames = _repainted(paint, folder, size, keep_color)
    if output.suffix:
      film.write(output, np.stack(list(frames)), fps=fps or rate)
    else:
      for i, frame in enumerate(frames):
        writer.write_png(output / f"{i:06d}.png", frame)
  return output


def _repainted(
  paint: FilmPainter, folder: pathlib.Path, size: str, keep_color: bool
) -> Iterator[np.ndarray]:
  """The frames of a folder repainted, uint8 [h, w, 3].

  Raises:
    UserError: their sizes differ, or are too large.
  """
  count, shape = len(inputs.files(str(folder))), None
  with progress.track(count, "repainting", unit="frames") as advance:
    for frame in sized.read(str(folder), size):
      shape = shape or frame.pixels.shape
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


@contextlib.contextmanager
def _frames(text: str, scratch: pathlib.Path) -> Iterator[tuple[pathlib.Path, float]]:
  """The folder of a film's frames, or the one that is given; and frames a second.

  Raises:
    UserError: there is none, or it cannot be read.
  """
  place = expanded(text)
  if not place.exists():
    raise UserError(f"--input={text}: no such film or folder of frames.")
  if place.is_dir():
    yield place, 25.0
    return
  if place.suffix.lower() not in FILMS:
    raise UserError(f"--input={text}: is no film; known: {', '.join(FILMS)}.")
  with _scratch(scratch) as folder:
    yield folder, film.unpack(place, folder)


@contextlib.contextmanager
def _scratch(place: pathlib.Path) -> Iterator[pathlib.Path]:
  """A folder for the frames of a film while it is repainted."""
  place.mkdir(parents=True, exist_ok=True)
  with tempfile.TemporaryDirectory(dir=place, prefix=".frames.") as folder:
    yield pathlib.Path(folder)
