"""Noise that moves, for animations: a random walk that the image's own noise attracts.

As SinGAN's program does it: each frame goes on in the direction of the last step, mixed
with a random one, and is pulled back to the reconstruction's noise.
"""

from collections.abc import Callable, Iterator
import itertools
import math

import numpy as np

Noises = list[np.ndarray]


def walk(
  fixed: Noises,
  draw: Callable[[int], Noises],
  *,
  strength: float,
  smoothness: float,
  start: int,
  first: float = 0.01,
) -> Iterator[Noises]:
  """Yields the noise of one frame after the other, without end.

  Args:
    fixed: the reconstruction's noise of every stage.
    draw: random noise of every stage for a number, 0 before the first frame.
    strength: from 0, which stays at the reconstruction, to 1, which is never pulled
      back; 1 - alpha in the papers' programs.
    smoothness: how much of each step's direction is the last one's; their beta.
    start: stages before this one do not move.
    first: how far the walk has gone before the first frame.
  """
  pairs = list(zip(fixed, draw(0), strict=True))
  before = list(fixed)
  last = [
    star if i < start else (1 - first) * star + first * noise
    for i, (star, noise) in enumerate(pairs)
  ]
  for number in itertools.count(1):
    now = []
    for i, noise in enumerate(draw(number)):
      if i < start:
        now.append(fixed[i])
        continue
      step = smoothness * (last[i] - before[i]) + (1 - smoothness) * noise
      now.append((1 - strength) * fixed[i] + strength * (last[i] + step))
    before, last = last, now
    yield now


def close(
  frames: Iterator[Noises], fixed: Noises, count: int, overlap: int
) -> Iterator[Noises]:
  """Frames of a walk whose end leads to their beginning.

  The last `overlap` frames pass over into those that came before the first one. What
  is mixed is the distance from the reconstruction, by weights whose squares add up
  to 1, so that noise stays noise.

  Args:
    frames: a walk without end.
    fixed: the reconstruction's noise of every stage.
    count: how many frames to yield.
    overlap: at most `count`.
  """
  kept = list(itertools.islice(frames, overlap))
  yield from itertools.islice(frames, count - overlap)
  for t, (now, old) in enumerate(
    zip(itertools.islice(frames, overlap), kept, strict=True)
  ):
    share = t / overlap
    yield [
      star + math.sqrt(1 - share) * (a - star) + math.sqrt(share) * (b - star)
      for star, a, b in zip(fixed, now, old, strict=True)
    ]
