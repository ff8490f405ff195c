"""Films to frames: GIF and WebP by Pillow, others where ffmpeg is."""

from collections.abc import Iterator
import contextlib
import pathlib
import re
import subprocess
from typing import NamedTuple
import warnings

import numpy as np
from PIL import Image, ImageSequence

from jaxgan.errors import UserError
from jaxgan.images import film, reader

SUFFIXES = (*film.SUFFIXES, ".mov", ".mkv", ".webm", ".avi", ".m4v")
MOST_FRAMES = 2**17  # Over an hour.
MOST = reader.MOST_IN_SET  # Pixels of a frame.
# Playlists, which name other files for ffmpeg to read, are no films here.
_ALONE = ("-protocol_whitelist", "file", "-format_whitelist", "mov,matroska,avi,m4v")


class Film(NamedTuple):
  """A film that is read.

  Attributes:
    fps: frames a second.
    count: how many frames it has, about; 0 if that is not known.
    frames: each uint8 [h, w, 3]; raises UserError where the film is damaged.
  """

  fps: float
  count: int
  frames: Iterator[np.ndarray]


def read(path: pathlib.Path) -> Film:
  """A film whose frames are read as they are asked for.

  Raises:
    UserError: it cannot be read, is too large or too long, or needs ffmpeg, as all but
      GIF and WebP; while frames are read as well.
  """
  by = _read_by_pillow if path.suffix.lower() in film.BY_PILLOW else _read_by_ffmpeg
  with _explained(path):
    fps, count, frames = by(path)
    _check_count(count)
  return Film(fps, count, _checked(path, frames))


def _held(fps: float) -> float:
  """The nearest number of frames a second that a film can be written with."""
  return min(max(fps, film.RATES[0]), film.RATES[1])


@contextlib.contextmanager
def _explained(path: pathlib.Path) -> Iterator[None]:
  try:
    yield
  except UserError:
    raise
  except Exception as error:  # Damaged files make Pillow raise nearly anything.
    text = " ".join(str(error).split())[:200] or type(error).__name__
    raise UserError(f"{path} cannot be read as a film: {text}.") from error


def _checked(path: pathlib.Path, frames: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
  count = 0
  with _explained(path):
    for count, frame in enumerate(frames, 1):
      _check_count(count)
      yield frame
    if not count:
      raise ValueError("it has no frames")


def _check_count(count: int) -> None:
  if count > MOST_FRAMES:
    raise ValueError(f"it has over {MOST_FRAMES} frames; cut it")


def _check_frame(width: int, height: int) -> None:
  if width * height > MOST:
    raise ValueError(f"its frames have over {MOST / 1e6:.0f} million pixels")


def _read_by_pillow(path: pathlib.Path) -> Film:
  def opened():
    with warnings.catch_warnings():
      warnings.simplefilter("ignore", Image.DecompressionBombWarning)
      return Image.open(path, formats=("GIF", "WEBP"))

  def frames():
    with opened() as image:
      for frame in ImageSequence.Iterator(image):
        _check_frame(*frame.size)
        yield np.asarray(frame.convert("RGB"))

  with opened() as image:
    _check_frame(*image.size)
    image.load()  # WebP tells no duration before.
    milliseconds = image.info.get("duration", 0) or 100  # As browsers show it.
    count = getattr(image, "n_frames", 1)
    return Film(_held(1000 / milliseconds), count, frames())


def _read_by_ffmpeg(path: pathlib.Path) -> Film:
  start = [film.ffmpeg(), "-nostdin", "-hide_banner", *_ALONE, "-max_pixels", str(MOST)]
  start += ["-i", f"file:{path}"]
  with film.running(start) as (program, file):
    program.wait()  # It fails for want of an output.
    told, last = film.told(file)
  if "Video: " not in told:
    raise ValueError("it has sound alone" if "Audio: " in told else last)
  size = re.search(r"Video: .*?, (\d+)x(\d+)", told)
  if not size:  # It opened none of them.
    raise ValueError(f"its frames are damaged, or of over {MOST // 10**6} megapixels")
  _check_frame(int(size[1]), int(size[2]))
  rate = re.search(r"Video: .*? (\d+(?:\.\d+)?) fps", told)
  fps = _held(float(rate[1]) if rate else 25.0)
  length = re.search(r"Duration: (\d+):(\d+):(\d+(?:\.\d+)?)", told)
  hours, minutes, seconds = map(float, length.groups() if length else (0, 0, 0))
  count = round(fps * (3600 * hours + 60 * minutes + seconds))
  return Film(fps, count, _frames_of_ffmpeg(start, fps))


def _frames_of_ffmpeg(start: list[str], fps: float) -> Iterator[np.ndarray]:
  command = [*start, "-loglevel", "error", "-r", str(fps), "-f", "image2pipe"]
  command += ["-c:v", "ppm", "-pix_fmt", "rgb24", "-"]
  with film.running(command, stdout=subprocess.PIPE) as (program, file):
    while program.stdout.readline():  # P6, width and height, 255, and the pixels.
      width, height = map(int, program.stdout.readline().split())
      _check_frame(width, height)
      program.stdout.readline()
      pixels = np.frombuffer(program.stdout.read(3 * width * height), np.uint8)
      yield pixels.reshape(height, width, 3)
    if program.wait():
      raise ValueError(film.told(file)[1])
