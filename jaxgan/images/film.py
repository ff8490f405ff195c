"""Frames to a film and back: GIF and WebP by Pillow, others where ffmpeg is."""

import importlib.util
import pathlib
import re
import shutil
import subprocess

import numpy as np
from PIL import Image, ImageSequence

from jaxgan.errors import UserError
from jaxgan.images import writer

SUFFIXES = (".gif", ".webp", ".mp4")


def write(path: pathlib.Path, frames: np.ndarray, *, fps: float = 20.0) -> None:
  """Writes uint8 frames [n, h, w, 1 | 3] to a file that exists whole or not at all.

  Args:
    path: its suffix chooses the format; GIF and WebP repeat for ever.
    frames: MP4 drops a last odd row and column, which its color coding cannot hold.
    fps: frames a second.

  Raises:
    UserError: for another suffix, for MP4 without ffmpeg, or if it cannot be written.
  """
  suffix = path.suffix.lower()
  if suffix not in SUFFIXES:
    raise UserError(f"{path.name} is no film: name it {', '.join(SUFFIXES)}.")
  with writer.explained(path), writer.whole_file(path) as temporary:
    if suffix == ".mp4":
      _write_mp4(temporary, frames, fps)
      return
    images = [Image.fromarray(x[..., 0] if x.shape[-1] == 1 else x) for x in frames]
    images[0].save(
      temporary,
      save_all=True,
      append_images=images[1:],
      loop=0,
      duration=1000 / fps,
      **({"lossless": True} if suffix == ".webp" else {}),
    )


def unpack(path: pathlib.Path, folder: pathlib.Path) -> float:
  """Writes the frames of a film to a folder; how many are a second's.

  Raises:
    UserError: it cannot be read, or needs ffmpeg, as all but GIF and WebP.
  """
  if path.suffix.lower() not in (".gif", ".webp"):
    return _unpack_by_ffmpeg(path, folder)
  try:
    with Image.open(path) as image:
      milliseconds = image.info.get("duration", 0) or 100  # As browsers show it.
      for i, frame in enumerate(ImageSequence.Iterator(image)):
        frame.convert("RGB").save(folder / f"{i:08d}.png")
  except (OSError, ValueError, SyntaxError) as error:
    raise UserError(f"{path} cannot be read as a film: {error}.") from error
  return 1000 / milliseconds


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


def _unpack_by_ffmpeg(path: pathlib.Path, folder: pathlib.Path) -> float:
  command = [ffmpeg(), "-hide_banner", "-i", str(path), f"{folder}/%08d.png"]
  done = subprocess.run(command, capture_output=True, text=True, check=False)
  if done.returncode:
    last = " ".join(done.stderr.strip().splitlines()[-1:])
    raise UserError(f"{path} cannot be read as a film: {last}")
  rates = re.findall(r"([\d.]+) fps,", done.stderr)  # The film's, then the frames'.
  return float(rates[-1]) if rates else 25.0


def _write_mp4(path: pathlib.Path, frames: np.ndarray, fps: float) -> None:
  program = ffmpeg()
  _, h, w, c = frames.shape
  frames = np.ascontiguousarray(frames[:, : h // 2 * 2, : w // 2 * 2])
  pixels = "gray" if c == 1 else "rgb24"
  size = f"{w // 2 * 2}x{h // 2 * 2}"
  command = [program, "-y", "-loglevel", "error", "-f", "rawvideo"]
  command += ["-pix_fmt", pixels, "-s", size, "-r", str(fps), "-i", "-"]
  command += ["-pix_fmt", "yuv420p", str(path)]
  done = subprocess.run(
    command, input=frames.tobytes(), capture_output=True, check=False
  )
  if done.returncode:
    raise UserError(
      f"ffmpeg could not write {path}: {done.stderr.decode(errors='replace').strip()}"
    )
