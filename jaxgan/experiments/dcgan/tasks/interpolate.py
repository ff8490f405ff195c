"""Walks through the latents."""

from collections.abc import Iterator, Mapping
import itertools
import pathlib

import numpy as np

from jaxgan import progress
from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.dcgan import inference, names
from jaxgan.experiments.dcgan.networks import image_size
from jaxgan.experiments.dcgan.tasks.made import labels_of, parse_labels
from jaxgan.experiments.shared import outputs
from jaxgan.experiments.shared.arguments import check_num, check_seed
from jaxgan.images import film


def interpolate(
  run: workdir.Run,
  output: pathlib.Path,
  *,
  num: int = 6,
  seed: int = 0,
  latents: str = "",
  frames: int = 15,
  fps: float = 20.0,
  labels: str = "",
  truncation: float = 1.0,
  loop: bool = True,
) -> pathlib.Path:
  """A walk through the latents: a film (.gif, .webp, .mp4), or the frames of one.

  Frames go to a sheet (.png), an array (.npy), or a folder of files.

  Args:
    num: images that the walk passes through.
    seed: draws them.
    latents: names of the images, such as 0:5,3:7, in place of a number and a seed.
    frames: steps from one to the next.
    fps: frames a second of a film.
    labels: such as hair=blue,eyes=red; one choice for the whole walk, by default the
      first image's.
    truncation: factor on the latents.
    loop: end where it began.
  """
  named, num = names.wanted(latents, seed, num)
  if latents and num < 2:
    raise UserError(f"--latents={latents}: a walk needs two names or more.")
  check_num(num, least=2)
  check_num(frames, name="frames")
  check_seed(seed)
  film.check_fps(fps)
  total = num * frames if loop else (num - 1) * frames + 1
  size = image_size(run.config)
  if film.is_film(output):
    film.check_output(output)
    film.check_size(output, total, *size)
  else:
    others = f"a film {', '.join(film.SUFFIXES)}, "
    outputs.check_output(output, total, *size, columns=frames, others=others)
  known = inference.facts(run)
  chosen = parse_labels(labels, known["classes"])
  sampler = inference.open_sampler(run)
  first = next(named)
  one = labels_of(known["frequencies"], [first], chosen)
  stops = _stops(sampler, itertools.chain([first], itertools.islice(named, num - 1)))
  steps = (truncation * step for step in walk(stops, frames, loop))
  batches = _walked(sampler, steps, one, total)
  if film.is_film(output):
    film.write(output, itertools.chain.from_iterable(batches), fps=fps)
  else:
    outputs.write(output, batches, total, columns=frames)
  return output


def _stops(sampler: inference.Sampler, named: Iterator[str]) -> Iterator[np.ndarray]:
  """Yields the latents [d] that a walk passes through."""
  while some := list(itertools.islice(named, inference.AT_ONCE)):
    yield from names.draw(sampler, some)


def _walked(
  sampler: inference.Sampler,
  steps: Iterator[np.ndarray],
  labels: Mapping[str, np.ndarray],
  total: int,
) -> Iterator[np.ndarray]:
  """Yields the images of latents [d] that all have one choice of labels, batched."""
  with progress.track(total, "generating") as advance:
    while latents := list(itertools.islice(steps, inference.AT_ONCE)):
      count = len(latents)
      yield sampler(
        np.stack(latents), {name: np.repeat(x, count) for name, x in labels.items()}
      )
      advance(count)


def walk(stops: Iterator[np.ndarray], frames: int, loop: bool) -> Iterator[np.ndarray]:
  """Yields latents [d] from stop to stop, in a loop back to the first."""
  before = start = next(stops)
  for stop in itertools.chain(stops, [start] if loop else []):
    for t in np.arange(frames) / frames:
      yield names.slerp(before, stop, t)
    before = stop
  if not loop:
    yield before
