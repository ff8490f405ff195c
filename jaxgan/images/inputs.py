"""What --input names: files, folders, globs and shipped images; and reading them."""

from collections import Counter
from collections.abc import Iterator, Sequence
import glob
import os
import pathlib
from typing import NamedTuple

from absl import logging
import numpy as np
from PIL import Image

from jaxgan.errors import UserError, expanded
from jaxgan.images import color, examples, reader


class Photograph(NamedTuple):
  """An image with the name that its repainted form will have.

  Attributes:
    name: a path without suffix, relative to what the user named.
    pixels: uint8 [h, w, 3].
    alpha: opacity, uint8 [h, w], or None.
  """

  name: pathlib.PurePath
  pixels: np.ndarray
  alpha: np.ndarray | None


def files(text: str) -> list[tuple[pathlib.PurePath, pathlib.Path | str]]:
  """(name, source) of everything that --input means.

  Args:
    text: a file, a folder (nested or not), a glob, or "shipped:NAME".

  Returns:
    Names are those of `names`, relative to the folder, or for a glob to the deepest
    that holds all it finds. Sources are as `reader.Source`.

  Raises:
    UserError: there is none.
  """
  if not text:
    raise UserError("--input=: give a file, a folder, a glob or shipped:astronaut.")
  if text.startswith(examples.PREFIX):
    return [(pathlib.PurePath(text.removeprefix(examples.PREFIX)), text)]
  place = expanded(text)
  if place.is_dir():
    paths, top = [place / name for name in files_in(place)], place
  elif place.is_file():
    paths, top = [place], place.parent
  else:
    found = sorted(map(pathlib.Path, glob.glob(str(place), recursive=True)))
    paths = [path for path in found if path.is_file()]
    top = os.path.commonpath([path.parent for path in paths] or [place])
  if not paths:
    raise UserError(f"--input={text}: no such file, and no files in such a folder.")
  return list(zip(names([path.relative_to(top) for path in paths]), paths, strict=True))


def names(paths: Sequence[pathlib.PurePath]) -> list[pathlib.PurePath]:
  """A name for each of some paths: without suffix, unless others would have it, too."""
  short = [path.with_suffix("") for path in paths]
  taken = Counter((*paths, *short))
  return [
    path if taken[name] > 1 else name for name, path in zip(short, paths, strict=True)
  ]


def read(text: str, size: int = 0) -> Iterator[Photograph]:
  """Reads images one by one; those that cannot be read are left out with a warning.

  Args:
    text: see `files`.
    size: the longest side in pixels to which larger ones are reduced; 0 leaves them.

  Raises:
    UserError: none of them can be read.
  """
  found, refused = files(text), {}
  for name, source in found:
    try:
      photo = Photograph(name, *reader.read_with_alpha(source))
    except reader.UnreadableError as error:
      logging.warning("left out %s: %s", source, error)
      refused[str(name)] = error
      continue
    yield reduced(photo, size)
  if len(refused) == len(found):
    raise UserError(
      f"--input={text}: none of {len(found)} file(s) is a usable image: "
      f"{reader.reasons(refused)}."
    )


def reduced(photo: Photograph, size: int) -> Photograph:
  """One whose longest side has at most so many pixels; 0 leaves it."""
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
  """The image as it is saved: uint8 [h, w, 3], or 4 with the photograph's opacity.

  Args:
    photo: what was repainted.
    made: the repainted pixels, uint8 [h, w, 3].
    strength: 0 gives the photograph, 1 the repainted pixels, more exaggerates.
    keep_color: takes the lightness of the repainted pixels and the colors of the
      photograph.
  """
  if strength != 1.0 or keep_color:
    made = made.copy()
    for old, row in zip(photo.pixels, made, strict=True):  # Floats of a row at once.
      old, new = old.astype(np.float32), row.astype(np.float32)
      if keep_color:
        new = old + color.luma(new - old)[:, None]
      row[:] = np.clip(np.round(old + strength * (new - old)), 0, 255)
  if photo.alpha is None:
    return made
  return np.concatenate([made, photo.alpha[..., None]], -1)


def files_in(place: pathlib.Path) -> list[str]:
  """Relative paths, with forward slashes, of all files that are not hidden."""
  names = []
  entered = set()  # Links to folders are followed, but not in circles.
  for folder, folders, files in os.walk(place, followlinks=True):
    real = os.path.realpath(folder)
    folders[:] = [] if real in entered else [f for f in folders if f[0] != "."]
    if real not in entered:
      entered.add(real)
      for file in files:
        if file[0] != ".":
          names.append(pathlib.Path(folder, file).relative_to(place).as_posix())
  return sorted(names)


def images_in(place: pathlib.Path) -> list[pathlib.Path]:
  """The files right in a folder, not hidden, that have an image's suffix, by name."""
  known = Image.registered_extensions()
  return [
    path
    for path in sorted(place.glob("[!.]*"))
    if path.is_file() and path.suffix.lower() in known
  ]
