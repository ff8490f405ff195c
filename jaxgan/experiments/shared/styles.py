"""Sets of paintings whose styles are learned, each known by its file's name."""

from collections.abc import Iterator
import itertools

from absl import logging
import numpy as np

from jaxgan.errors import UserError, expanded
from jaxgan.images import examples, inputs, reader

# Colorful and unlike each other, of those that are shipped.
SHIPPED = ("brick", "hubble_deep_field", "ihc", "retina")
LEAST = 16  # Pixels a side: VGG16 halves them four times.


def check_size(size: int) -> None:
  """Raises UserError for a `config.data.style_size` that VGG16 cannot take."""
  if size and size < LEAST:
    raise UserError(
      f"config.data.style_size = {size} must be {LEAST} or more, or 0 for whole "
      "paintings."
    )


def load(path: str = "", *, size: int = 0, most: int = 0) -> dict[str, np.ndarray]:
  """Reads paintings, sorted by name.

  Args:
    path: a folder, nested or not, or one file; "" takes textures that are shipped,
      "shipped:NAME" one of them.
    size: side in pixels of the centered square that is taken; 0 takes all of them.
    most: paintings, the first by name; 0 takes all of them.

  Returns:
    {file name without suffix: uint8 [h, w, 3]}.

  Raises:
    UserError: nothing is there, nothing is readable, or two files share a name.
  """
  found = {}
  for name, source in itertools.islice(_sources(path), most or None):
    try:
      image = reader.read(source, channels=3, enough=2 * size)
      pixels = reader.fit(image, (size, size)) if size else np.asarray(image)
      if min(pixels.shape[:2]) < LEAST:
        raise ValueError(f"smaller than {LEAST} pixels")
    except Exception as error:  # Damaged files make Pillow raise nearly anything.
      logging.warning("left out the style %s: %s", source, error)
      continue
    if name in found:
      raise UserError(
        f"{path} has two styles named {name!r}: rename one, for styles "
        "are known by their files' names."
      )
    found[name] = pixels
  if not found:
    raise UserError(
      f"{path}: no file in it is a usable style; give a folder of images "
      "such as JPEG or PNG."
    )
  return dict(sorted(found.items()))


def _sources(path: str) -> Iterator[tuple[str, reader.Source]]:
  """(name, image) of each painting."""
  if not path:
    logging.info("no styles given (data.styles): taking %s", ", ".join(SHIPPED))
    yield from ((name, examples.load(name)) for name in SHIPPED)
    return
  if path.startswith(examples.PREFIX):
    yield path.removeprefix(examples.PREFIX), path
    return
  place = expanded(path)
  if not place.exists():
    raise UserError(f"{path}: no such file or folder of styles.")
  files = (
    [place] if place.is_file() else [place / name for name in inputs.files_in(place)]
  )
  yield from ((file.stem, file) for file in files)
