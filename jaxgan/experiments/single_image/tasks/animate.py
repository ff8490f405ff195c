"""A film out of one image."""

from collections.abc import Callable, Iterator
import itertools
import pathlib

import jax
import numpy as np

from jaxgan import progress
from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import arguments, one_image
from jaxgan.experiments.single_image import walks
from jaxgan.experiments.single_image.inference import (
  ConSinGAN,
  Restored,
  SinGAN,
  Size,
  restored,
)
from jaxgan.images import film

PIXELS_AT_ONCE = 2**18  # Of frames made together; half a sample's, for their noise.
OVERLAP = 0.2  # Of a loop's frames pass over into its beginning.
# Of the way to random noise, before the first frame, as in the published programs.
FIRST_SHARE = {ConSinGAN: 0.01, SinGAN: 0.05}


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
    size: HEIGHTxWIDTH in pixels, or the longer side; by default as trained.
    scale: instead of a size, a factor, or HEIGHTxWIDTH factors such as 1x2.
  """
  arguments.check_num(frames, least=2, name="frames")
  arguments.check_seed(seed)
  film.check_output(output)
  film.check_fps(fps)
  for name, value in (("strength", strength), ("smoothness", smoothness)):
    if not 0 <= value <= 1:
      raise UserError(f"--{name}={value} must lie between 0 and 1.")
  source = restored(run)
  stages = len(source.sizes)
  one_image.check_stage(start_stage, stages, last=stages)
  sizes = one_image.chosen_sizes(source, size, scale)
  film.check_size(output, frames, *sizes[-1])
  at_once = max(1, PIXELS_AT_ONCE // (sizes[-1][0] * sizes[-1][1]))
  fixed = source.fixed_at(sizes)
  noises = walks.walk(
    fixed,
    _draws(source, sizes, seed, at_once),
    strength=strength,
    smoothness=smoothness,
    start=start_stage,
    first=FIRST_SHARE[type(source)],
  )
  noises = (
    walks.close(noises, fixed, frames, max(1, round(OVERLAP * frames)))
    if loop
    else itertools.islice(noises, frames)
  )
  made = _generate(source, noises, sizes, at_once)
  if not output.suffix:
    return one_image.write_images(output, made, frames, sizes[-1])
  with progress.track(frames, "generating", unit="frames") as advance:
    images = one_image.counted(made, advance)
    film.write(output, itertools.chain.from_iterable(images), fps=fps)
  return output


def _generate(
  source: Restored,
  noises: Iterator[walks.Noises],
  sizes: tuple[Size, ...],
  at_once: int,
) -> Iterator[np.ndarray]:
  """Frames [n, h, w, c] of the noise of one after the other."""
  while group := list(itertools.islice(noises, at_once)):
    stacked = [np.concatenate(stage) for stage in zip(*group, strict=True)]
    yield source.generate(stacked, sizes)


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
