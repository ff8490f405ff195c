"""Frames to a film: GIF and WebP by Pillow, others where ffmpeg is."""

from collections.abc import Iterable, Iterator
import contextlib
import importlib.util
import itertools
import pathlib
import shutil
import subprocess
import tempfile
from typing import IO

import numpy as np
from PIL import Image

from jaxgan.errors import UserError
from jaxgan.images import writer

SUFFIXES = (".gif", ".webp", ".mp4")
BY_PILLOW = (".gif", ".webp")
MOST_HELD = 2**28  # Pixels of all frames that Pillow writes: 800 MB of memory.
RATES = (0.01, 1000.0)  # Frames a second that all formats can hold.


def is_film(path: pathlib.Path) -> bool:
  """Whether a film can be written under a name."""
  return path.suffix.lower() in SUFFIXES


def check_output(path: pathlib.Path) -> None:
  """Raises UserError unless frames can go there: to a film, or a folder of files."""
  if path.suffix and not is_film(path):
    raise UserError(
      f"--output={path}: name a film {', '.join(SUFFIXES)}, or a folder of frames "
      "without a suffix."
    )
  if path.suffix.lower() == ".mp4":
    ffmpeg()


def check_fps(fps: float) -> None:
  """Raises UserError for a number of frames a second that films cannot have."""
  if not RATES[0] <= fps <= RATES[1]:
    raise UserError(f"--fps={fps:g} must be from {RATES[0]:g} to {RATES[1]:g}.")


def check_size(path: pathlib.Path, count: int, height: int, width: int) -> None:
  """Raises UserError for more than memory should hold, as Pillow must.

  Args:
    path: of the film; an .mp4 may have any number of frames.
    count: of frames.
    height, width: of each, in pixels.
  """
  if path.suffix.lower() in BY_PILLOW and count * height * width > MOST_HELD:
    raise UserError(
      f"{count} frames of {width}x{height} pixels are too much for one {path.suffix}: "
      "ask for fewer or smaller ones, or name a .mp4 or a folder."
    )


def write(
  path: pathlib.Path, frames: Iterable[np.ndarray], *, fps: float = 20.0
) -> None:
  """Writes frames to a file that exists whole or not at all.

  Args:
    path: its suffix chooses the format; GIF and WebP repeat for ever.
    frames: each uint8 [h, w, 1 | 3], of one size; MP4 drops a last odd row and column,
      which its color coding cannot hold.
    fps: frames a second.

  Raises:
    UserError: for another suffix, too many frames for it, for MP4 without ffmpeg, or
      if it cannot be written.
  """
  if not is_film(path):
    raise UserError(f"{path.name} is no film: name it {', '.join(SUFFIXES)}.")
  by = _write_by_pillow if path.suffix.lower() in BY_PILLOW else _write_by_ffmpeg
  with writer.explained(path), writer.whole_file(path) as temporary:
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
      raise ValueError("there are no frames")
    by(temporary, first, itertools.chain([first], frames), fps)


def _write_by_pillow(
  path: pathlib.Path, first: np.ndarray, frames: Iterator[np.ndarray], fps: float
) -> None:
  def images():
    for i, frame in enumerate(frames, 1):
      check_size(path, i, *first.shape[:2])
      yield Image.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame)

  made = images()
  next(made).save(
    path,
    save_all=True,
    append_images=made,
    loop=0,
    duration=1000 / fps,
    **({"lossless": True} if path.suffix.lower() == ".webp" else {}),
  )


def _write_by_ffmpeg(
  path: pathlib.Path, first: np.ndarray, frames: Iterator[np.ndarray], fps: float
) -> None:
  height, width = (side // 2 * 2 for side in first.shape[:2])
  pixels = "gray" if first.shape[-1] == 1 else "rgb24"
  command = [ffmpeg(), "-y", "-loglevel", "error", "-f", "rawvideo"]
  command += ["-pix_fmt", pixels, "-s", f"{width}x{height}", "-r", str(fps), "-i", "-"]
  command += ["-pix_fmt", "yuv420p", str(path)]
  with running(command, stdin=subprocess.PIPE) as (program, file):
    with contextlib.suppress(BrokenPipeError), program.stdin as pipe:  # It tells why.
      for frame in frames:
        pipe.write(np.ascontiguousarray(frame[:height, :width]))
    if program.wait():
      raise ValueError(told(file)[1])


@contextlib.contextmanager
def running(
  command: list[str], **pipe: int
) -> Iterator[tuple[subprocess.Popen, IO[bytes]]]:
  """Yields a program and the file of what it tells; it ends with the context."""
  with (
    tempfile.TemporaryFile() as file,
    subprocess.Popen(command, stderr=file, **pipe) as program,
  ):
    try:
      yield program, file
    finally:
      program.kill()


def told(file: IO[bytes]) -> tuple[str, str]:
  """All that a program told, and its last line, which has the cause of a failure."""
  file.seek(0)
  text = file.read().decode(errors="replace").strip()
  return text, " ".join(text.splitlines()[-1:]).rstrip(".") or "it ended without a word"


def ffmpeg() -> str:
  """The program ffmpeg: this machine's, or the one of the package imageio-ffmpeg.

  Raises:
    UserError: there is none.
  """
  found = shutil.which("ffmpeg")
  if not found and importlib.util.find_spec("imageio_ffmpeg"):
    import imageio_ffmpeg

    found = imageio_ffmpeg.get_ffmpeg_exe()
  if not found:
    raise UserError(
      "films other than .gif and .webp need the program ffmpeg, which is not "
      "installed: pip install -e '.[film]' brings it."
    )
  return found
