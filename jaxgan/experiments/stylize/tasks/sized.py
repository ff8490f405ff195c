"""Photographs to repaint, at the size that --size asks for."""

from collections.abc import Iterable, Iterator
import itertools

import numpy as np
from PIL import Image

from jaxgan.experiments.shared import arguments
from jaxgan.images import inputs, reader


def read(path: str, size: str) -> Iterator[inputs.Photograph]:
  """Reads photographs one by one.

  Args:
    path: a file, a folder, a glob, or "shipped:NAME".
    size: see `resized`.

  Raises:
    UserError: no such size, or no usable image.
  """
  return resized(inputs.read(path), size)


def resized(
  photos: Iterable[inputs.Photograph], size: str
) -> Iterator[inputs.Photograph]:
  """Yields photographs at the size that --size asks for.

  Args:
    photos: of any sizes.
    size: "" leaves them; "N" reduces those whose longer side is more;
      "HEIGHTxWIDTH" scales them and cuts that much from the middle.

  Raises:
    UserError: no such size.
  """
  wanted = arguments.size(size) if size else 0
  for photo in photos:
    if isinstance(wanted, int):
      yield inputs.reduced(photo, wanted)
      continue
    fitted = lambda x: reader.fit(Image.fromarray(x), wanted)
    alpha = None if photo.alpha is None else fitted(photo.alpha)[..., 0]
    yield photo._replace(pixels=fitted(photo.pixels), alpha=alpha)


def read_cells(path: str, num: int, shape: tuple[int, int]) -> np.ndarray:
  """The first photographs scaled and cut to one shape, uint8 [n, h, w, 3].

  Args:
    path: as for `read`.
    num: photographs at most.
    shape: (height, width) in pixels.

  Raises:
    UserError: no usable image.
  """
  # Larger ones are reduced first, so that memory holds little of them.
  photos = itertools.islice(inputs.read(path, 2 * max(shape)), num)
  return np.stack([reader.fit(Image.fromarray(x.pixels), shape) for x in photos])
