"""What tasks are asked for: stages, sizes, the image to work on, files to write."""

from collections.abc import Callable, Iterable, Iterator, Sequence
import pathlib

import numpy as np

from jaxgan import progress
from jaxgan.errors import UserError
from jaxgan.experiments.shared import arguments, outputs
from jaxgan.experiments.single_image import pyramid
from jaxgan.experiments.single_image.inference import Restored, Size
from jaxgan.images import masks, reader, sheets

PIXELS_AT_ONCE = 2**19  # Of images made together: some 130 MB for each layer.
SAME_ASPECT = 0.03  # By how much it may differ and still be scaled to fit.


def check_stage(start_stage: int, count: int) -> None:
  """Raises UserError unless there is such a stage, or it is just past the last."""
  if not 0 <= start_stage <= count:
    raise UserError(
      f"--start_stage={start_stage}: this run has stages 0 to "
      f"{count - 1}; {count} lets none vary."
    )


def chosen_sizes(
  source: Restored, size: str, scale: str, default: str = "1"
) -> tuple[Size, ...]:
  """Sizes of all stages for the options --size and --scale.

  Args:
    source: the trained run.
    size: see `shared.arguments.size`; "" for what `scale` says.
    scale: see `shared.arguments.scale`; times the size as trained.
    default: of --scale.

  Raises:
    UserError: if they cannot be read, are too small, or both are given.
  """
  if not size:
    return source.scaled(*arguments.scale(scale))
  if scale != default:
    raise UserError(f"--size={size} and --scale={scale}: give one of them.")
  wanted = arguments.size(size)
  if isinstance(wanted, int):
    factor = wanted / max(source.sizes[-1])
    wanted = tuple(max(1, round(side * factor)) for side in source.sizes[-1])
  return source.sized(wanted)


def fitting_sizes(source: Restored, shape: Sequence[int]) -> tuple[Size, ...]:
  """Sizes of all stages for an image [h, w, ...].

  As trained if it has the training image's aspect. Else its own aspect, at as many
  pixels, since stretching would distort it.
  """
  height, width = source.sizes[-1]
  aspect = shape[0] * width / (shape[1] * height)
  if abs(aspect - 1) <= SAME_ASPECT:
    return source.sizes
  scale = (height * width / (shape[0] * shape[1])) ** 0.5
  return source.sized((round(shape[0] * scale), round(shape[1] * scale)))


def read_image(source: Restored, path: str) -> np.ndarray:
  """A user's image float32 [h, w, c] in [-1, 1], with the channels of the run's.

  Raises:
    UserError: if none is named, or it cannot be read.
  """
  arguments.check_input(path)
  pixels = reader.load(path, channels=source.channels)
  return pixels.astype(np.float32) / 127.5 - 1


def resized(image: np.ndarray, size: Size) -> np.ndarray:
  """An image [h, w, c] in [-1, 1] at another size, antialiased."""
  return image if image.shape[:2] == tuple(size) else pyramid.imresize(image, size)


def soft_mask(path: str, size: Size, kind: str) -> np.ndarray:
  """A mask float32 [h, w] in [0, 1]; 1 everywhere if there is none.

  Args:
    path: "" for none.
    size: of the result.
    kind: one of `masks.RADII`, which says how far it grows.
  """
  if not path:
    return np.ones(size, np.float32)
  return masks.load(path, size, kind)


def batches(num: int, size: Size) -> Iterator[tuple[int, int]]:
  """(number of the first, count) of images of a size that are made together."""
  at_once = max(1, PIXELS_AT_ONCE // (size[0] * size[1]))
  for first in range(0, num, at_once):
    yield first, min(at_once, num - first)


def write_images(
  output: pathlib.Path,
  made: Iterable[np.ndarray],
  num: int,
  size: Size,
  columns: int = 0,
) -> pathlib.Path:
  """Images as a sheet or an array, or as they are made into a folder of files.

  Args:
    output: see `shared.outputs.check_output`.
    made: batches [n, h, w, c] in [-1, 1]; nothing is made before `output` is checked.
    num: how many images there are in all.
    size: their height and width.
    columns: of the sheet; 0 makes it about square.

  Raises:
    UserError: see `shared.outputs.check_output`.
  """
  outputs.check_output(output, num, *size, columns)
  with progress.track(num, "generating") as advance:
    outputs.write(output, counted(made, advance), num, columns)
  return output


def counted(
  made: Iterable[np.ndarray], advance: Callable[[int], None]
) -> Iterator[np.ndarray]:
  """Yields batches [n, h, w, c] in [-1, 1] as uint8, and tells how many there are."""
  for batch in made:
    yield sheets.to_uint8(batch)
    advance(len(batch))
