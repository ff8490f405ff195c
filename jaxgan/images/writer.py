"""Image files that exist whole or not at all."""

from collections.abc import Iterable, Iterator
import contextlib
import pathlib
import shutil

import numpy as np
from PIL import Image

from jaxgan.errors import UserError
from jaxgan.images import sheets

QUALITY = 95  # Of formats that lose some.


def check_format(path: pathlib.Path, channels: int = 3) -> None:
  """Raises UserError if no image of so many channels can be written under a name."""
  form = Image.registered_extensions().get(path.suffix.lower())
  if form not in Image.SAVE:
    raise UserError(
      f"{path}: {path.suffix or 'a name without a suffix'} is no format of images: "
      "name it .png, .jpg, .tif or .webp."
    )
  if channels == 4 and form in ("JPEG", "BMP"):
    raise UserError(f"{path}: {form} has no transparency: name it .png.")


def write_image(path: pathlib.Path, image: np.ndarray) -> None:
  """Writes uint8 [h, w, 1 | 3 | 4] to a file; JPEG leaves out the opacity.

  Args:
    path: its suffix chooses the format.
    image: see above.

  Raises:
    UserError: the format is not known, has no room for the image, or the file cannot be
      written.
  """
  picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
  if path.suffix.lower() in (".jpg", ".jpeg") and image.shape[-1] == 4:
    picture = picture.convert("RGB")
  check_format(path)
  options = {} if path.suffix.lower() == ".png" else {"quality": QUALITY}
  with explained(path), whole_file(path) as temporary:
    picture.save(temporary, **options)


def write_png(path: pathlib.Path, image: np.ndarray) -> None:
  """Writes uint8 [h, w, 1 | 3 | 4] to a PNG file, whatever its name.

  Raises:
    UserError: the file cannot be written.
  """
  with explained(path):
    write_whole(path, sheets.encode_png(image))


def write_images(
  path: pathlib.Path, images: np.ndarray | Iterable[np.ndarray], columns: int = 0
) -> None:
  """Writes images to one grid, or to a folder of files if the path has no suffix.

  Args:
    path: NAME.png, or a folder, which gets 00000.png, 00001.png, ...
    images: uint8 [n, h, w, c], or batches of them; into a folder, they are written as
      they come, and no more than one batch is in memory.
    columns: images in a row of the grid; 0 makes it about square.

  Raises:
    UserError: a file cannot be written.
  """
  batches = [images] if isinstance(images, np.ndarray) else images
  if path.suffix:
    write_png(path, sheets.grid(np.concatenate(list(batches)), columns))
    return
  for i, image in enumerate(image for batch in batches for image in batch):
    write_png(path / f"{i:05d}.png", image)


def write_whole(path: pathlib.Path, content: bytes) -> None:
  """Writes a file of any kind. Raises OSError if it cannot be written."""
  with whole_file(path) as temporary:
    temporary.write_bytes(content)


@contextlib.contextmanager
def whole_file(path: pathlib.Path) -> Iterator[pathlib.Path]:
  """Yields a name beside `path` to write to, renamed at the end and removed on failure.

  The folder is made if there is none, and the suffix kept.
  """
  path.parent.mkdir(parents=True, exist_ok=True)
  temporary = path.with_name(f".{path.name}.tmp{path.suffix}")
  try:
    yield temporary
    temporary.replace(path)
  finally:
    temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(path: pathlib.Path, mark: str) -> Iterator[pathlib.Path]:
  """Yields a folder beside `path` to fill, renamed at the end and removed on failure.

  Args:
    path: it takes the place of an empty folder, or of one that holds `mark`.
    mark: a file that such folders have.

  Raises:
    ValueError: a file, or a folder of something else, is there.
  """
  is_empty = not path.exists() or (path.is_dir() and not any(path.iterdir()))
  if not is_empty and not (path / mark).is_file():
    raise ValueError("something else is there: choose a new folder")
  temporary, old = (path.with_name(f".{path.name}.{end}") for end in ("tmp", "old"))
  for left in (temporary, old):  # By a program that was killed.
    shutil.rmtree(left, ignore_errors=True)
  try:
    temporary.mkdir(parents=True)
    yield temporary
    if path.exists():
      path.rename(old)
    temporary.rename(path)
  finally:
    for left in (temporary, old):
      shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def explained(path: pathlib.Path) -> Iterator[None]:
  """Turns what goes wrong with writing a file into a UserError that names it."""
  try:
    yield
  except (OSError, ValueError) as error:
    raise UserError(f"cannot write {path}: {error}.") from error
