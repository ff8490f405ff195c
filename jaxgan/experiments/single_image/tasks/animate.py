"""A picture that moves."""

from collections.abc import Callable
import itertools
import pathlib

import jax
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.single_image import walks
from jaxgan.experiments.single_image.inference import Restored, Size, restored
from jaxgan.experiments.single_image.tasks import arguments, writing
from jaxgan.images import film, sheets, writer

PIXELS_AT_ONCE = 2**18  # Of frames made together; half a sample's, for their noise.
OVERLAP = 0.2  # Of a loop's frames pass over into its beginning.
FIRST = {"consingan": 0.01, "singan": 0.05}  # As in the published programs.


def animate(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  frames: int = 60,
  fps: float = 10.0,
  seed: int = 0,
  strength: float = 0.9,
  smoothness: float = 0.9,
  start_stage: int = 1,
  loop: bool = True,
  size: str = "",
  scale: str = "1",
) -> pathlib.Path:
  """The training image in motion: a film (.gif, .webp, .mp4) or a folder of frames.

  Args:
    frames: how many.
    fps: frames a second.
    seed: draws the movement.
    strength: 0 stands still, 1 may leave the image altogether.
    smoothness: 0 trembles, 0.95 flows.
    start_stage: stages before this one stand still: 0 moves the large arrangement,
      2 only details.
    loop: the end leads to the beginning.
    size: HEIGHTxWIDTH in pixels; by default as trained.
    scale: instead of a size, a factor, or HEIGHTxWIDTH factors.
  """
  if frames < 2 or fps <= 0:
    raise UserError(
      f"--frames={frames} --fps={fps}: a film has 2 frames or more, and "
      "a positive rate."
    )
  for name, value in (("strength", strength), ("smoothness", smoothness)):
    if not 0 <= value <= 1:
      raise UserError(f"--{name}={value} must lie between 0 and 1.")
  if output.suffix and output.suffix.lower() not in film.SUFFIXES:
    raise UserError(
      f"--output={output}: name a film {', '.join(film.SUFFIXES)}, "
      "or a folder of frames without a suffix."
    )
  source = restored(run)
  arguments.check_stage(start_stage, len(source.sizes))
  sizes = writing.chosen_sizes(source, size, scale)
  at_once = max(1, PIXELS_AT_ONCE // (sizes[-1][0] * sizes[-1][1]))
  fixed = source.fixed_at(sizes)
  noises = walks.walk(
    fixed,
    _draws(source, sizes, seed, at_once),
    strength=strength,
    smoothness=smoothness,
    start=start_stage,
    first=FIRST[source.config.network],
  )
  noises = (
    walks.close(noises, fixed, frames, max(1, round(OVERLAP * frames)))
    if loop
    else itertools.islice(noises, frames)
  )
  pictures = []
  while group := list(itertools.islice(noises, at_once)):
    stacked = [np.concatenate(stage) for stage in zip(*group, strict=True)]
    pictures.append(sheets.to_uint8(source.generate(stacked, sizes)))
  return _write(output, np.concatenate(pictures), fps)


def _draws(
  source: Restored, sizes: tuple[Size, ...], seed: int, at_once: int
) -> Callable[[int], list[np.ndarray]]:
  """Random noise by number, drawn for several frames at a time."""
  key = jax.random.key(seed)
  held: dict[int, list[np.ndarray]] = {}

  def draw(number):
    first = number - number % at_once
    if first not in held:
      held.clear()
      held[first] = source.draw(key, at_once, sizes, first=first)
    return [noise[number - first : number - first + 1] for noise in held[first]]

  return draw


def _write(output: pathlib.Path, pictures: np.ndarray, fps: float) -> pathlib.Path:
  if output.suffix:
    film.write(output, pictures, fps=fps)
  else:
    for i, picture in enumerate(pictures):
      writer.write_png(output / f"{i:05d}.png", picture)
  return output
