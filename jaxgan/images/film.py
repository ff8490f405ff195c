"""Frames to a moving picture: GIF and WebP by Pillow, MP4 where ffmpeg is installed."""

import pathlib
import shutil
import subprocess

import numpy as np
from PIL import Image

from jaxgan.errors import UserError

SUFFIXES = (".gif", ".webp", ".mp4")


def write(path: pathlib.Path, frames: np.ndarray, *, fps: float = 20.0) -> None:
  """Writes uint8 frames [n, h, w, 1 | 3] to a file that exists whole or not at all.

  Args:
    path: its suffix chooses the format; GIF and WebP repeat for ever.
    frames: MP4 drops a last odd row and column, which its color coding cannot hold.
    fps: frames a second.

  Raises:
    UserError: for another suffix, or for MP4 without ffmpeg.
  """
  path.parent.mkdir(parents=True, exist_ok=True)
  temporary = path.with_name(f".{path.name}.tmp{path.suffix}")
  if path.suffix == ".mp4":
    _write_mp4(temporary, frames, fps)
  elif path.suffix in SUFFIXES:
    images = [Image.fromarray(x[..., 0] if x.shape[-1] == 1 else x) for x in frames]
    images[0].save(
      temporary,
      save_all=True,
      append_images=images[1:],
      loop=0,
      duration=1000 / fps,
      **({"lossless": True} if path.suffix == ".webp" else {}),
    )
  else:
    raise UserError(f"{path.name} is no moving picture: name it {', '.join(SUFFIXES)}.")
  temporary.replace(path)


def _write_mp4(path: pathlib.Path, frames: np.ndarray, fps: float) -> None:
  if not shutil.which("ffmpeg"):
    raise UserError(
      "MP4 needs the program ffmpeg, which is not installed: name the "
      "output .gif or .webp."
    )
  _, h, w, c = frames.shape
  frames = np.ascontiguousarray(frames[:, : h // 2 * 2, : w // 2 * 2])
  command = [
    "ffmpeg",
    "-y",
    "-loglevel",
    "error",
    "-f",
    "rawvideo",
    "-pix_fmt",
    "gray" if c == 1 else "rgb24",
    "-s",
    f"{w // 2 * 2}x{h // 2 * 2}",
    "-r",
    str(fps),
    "-i",
    "-",
    "-pix_fmt",
    "yuv420p",
    str(path),
  ]
  done = subprocess.run(
    command, input=frames.tobytes(), capture_output=True, check=False
  )
  if done.returncode:
    raise UserError(
      f"ffmpeg could not write {path}: {done.stderr.decode(errors='replace').strip()}"
    )
