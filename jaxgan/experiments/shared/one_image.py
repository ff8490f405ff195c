"""What tasks on one image are asked for: stages, sizes, files to write."""

from collections.abc import Callable, Iterable, Iterator
import pathlib
from typing import Protocol

import numpy as np

from jaxgan import progress
from jaxgan.errors import UserError
from jaxgan.experiments.shared import arguments, outputs
from jaxgan.experiments.shared.resizing import Size
from jaxgan.images import pixels


class Generator(Protocol):
  """A generator that learned from one image, stage by stage from the coarsest.

  Attributes:
    sizes: (height, width) of every stage, as trained.
  """

  sizes: tuple[Size, ...]

  def scaled(self, height: float, width: float) -> tuple[Size, ...]:
    """Sizes of all stages with every side times a factor."""

  def sized(self, size: Size) -> tuple[Size, ...]:
    """Sizes of all stages that end at a size."""


def check_stage(start_stage: int, count: int, last: int) -> None:
  """Raises UserError unless `start_stage` is one from 0 to `last`.

  Args:
    start_stage: the option, from where on samples vary.
    count: of the run's stages.
    last: the last that makes sense: `count` lets no stage vary.
  """
  if not 0 <= start_stage <= last:
    raise UserError(
      f"--start_stage={start_stage} must be from 0 to {last}: this run has stages 0 to "
      f"{count - 1}."
    )


def chosen_sizes(
  source: Generator, size: str, scale: str, default: str = "1"
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
    yield pixels.to_uint8(batch)
    advance(len(batch))
