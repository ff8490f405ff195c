"""What users give to be repainted: files, folders, globs, transparency and all."""

from collections.abc import Iterator
import glob
import os
import pathlib
from typing import NamedTuple

from absl import logging
import numpy as np
from PIL import Image

from jaxgan.errors import UserError
from jaxgan.images import examples, reader

GRAY = np.array([0.299, 0.587, 0.114], np.float32)  # Luma of Rec. 601.


class Photograph(NamedTuple):
  """A picture with the name that its repainted form will have.

  Attributes:
    name: a path without suffix, relative to what the user named.
    pixels: uint8 [h, w, 3].
    alpha: opacity, uint8 [h, w], or None.
  """

  name: pathlib.PurePath
  pixels: np.ndarray
  alpha: np.ndarray | None


def files(text: str) -> list[tuple[pathlib.PurePath, pathlib.Path]]:
  """(name, path) of every file that --input means: a file, a folder or a glob.

  Raises:
    UserError: if there is none.
  """
  place = pathlib.Path(text).expanduser()
  if place.is_dir():
    found = [
      (pathlib.PurePath(name).with_suffix(""), place / name) for name in files_in(place)
    ]
  elif place.is_file():
    found = [(pathlib.PurePath(place.stem), place)]
  else:
    paths = sorted(map(pathlib.Path, glob.glob(str(place), recursive=True)))
    found = [(pathlib.PurePath(path.stem), path) for path in paths if path.is_file()]
  if not found:
    raise UserError(f"--input={text}: no such file, and no files in such a folder.")
  names = [name for name, _ in found]
  return [
    (name if names.count(name) == 1 else name.with_name(path.name), path)
    for name, path in found
  ]  # Files that differ in suffix alone keep it.


def read(text: str, size: int = 0) -> Iterator[Photograph]:
  """Reads photographs one by one, leaving out and telling those that cannot be read.

  Args:
    text: see `files`; "" takes a photograph that is shipped.
    size: the longest side in pixels to which larger ones are reduced; 0 leaves them.

  Raises:
    UserError: none of them can be read.
  """
  if not text:
    yield _reduced(
      Photograph(pathlib.PurePath("astronaut"), examples.load("astronaut"), None), size
    )
    return
  found, usable = files(text), 0
  for name, path in found:
    try:
      photo = Photograph(name, *reader.read_with_alpha(path))
    except Exception as error:  # Damaged files make Pillow raise nearly anything.
      logging.warning("left out %s: %s", path, error)
      continue
    usable += 1
    yield _reduced(photo, size)
  if not usable:
    raise UserError(f"--input={text}: none of {len(found)} file(s) is a usable image.")


def _reduced(photo: Photograph, size: int) -> Photograph:
  longest = max(photo.pixels.shape[:2])
  if not size or longest <= size:
    return photo
  shape = [max(1, round(side * size / longest)) for side in photo.pixels.shape[1::-1]]
  resize = lambda x: np.asarray(
    Image.fromarray(x).resize(shape, Image.Resampling.LANCZOS)
  )
  return Photograph(
    photo.name,
    resize(photo.pixels),
    None if photo.alpha is None else resize(photo.alpha),
  )


def finish(
  photo: Photograph,
  made: np.ndarray,
  *,
  strength: float = 1.0,
  keep_color: bool = False,
) -> np.ndarray:
  """The picture as it is saved: uint8 [h, w, 3], or 4 with the photograph's opacity.

  Args:
    photo: what was repainted.
    made: the repainted pixels, uint8 [h, w, 3].
    strength: 0 gives the photograph, 1 the picture, more exaggerates.
    keep_color: takes the lightness of the picture and the colors of the photograph.
  """
  if strength != 1.0 or keep_color:
    made = made.copy()
    for old, row in zip(photo.pixels, made, strict=True):  # Floats of a row at once.
      old, new = old.astype(np.float32), row.astype(np.float32)
      if keep_color:
        new = old + ((new - old) @ GRAY)[:, None]
      row[:] = np.clip(np.round(old + strength * (new - old)), 0, 255)
  if photo.alpha is None:
    return made
  return np.concatenate([made, photo.alpha[..., None]], -1)


def files_in(place: pathlib.Path) -> list[str]:
  """Relative paths, with forward slashes, of all files that are not hidden."""
  names = []
  seen = set()  # Links to folders are followed, but not in circles.
  for folder, folders, files in os.walk(place, followlinks=True):
    real = os.path.realpath(folder)
    folders[:] = [] if real in seen else [f for f in folders if f[0] != "."]
    if real not in seen:
      seen.add(real)
      for file in files:
        if file[0] != ".":
          names.append(pathlib.Path(folder, file).relative_to(place).as_posix())
  return sorted(names)
