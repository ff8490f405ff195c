"""A data set of anime faces that the program draws, for runs without data.

Face i of a set depends on (seed, i) alone: not on the number of faces, of processes or
of pixels. So a larger set begins with the smaller one, and a set at another size shows
the same faces.
"""

from __future__ import annotations

from collections.abc import Callable
import concurrent.futures
import itertools
import os
import subprocess
import sys

from absl import logging
import numpy as np

from jaxgan import progress
from jaxgan.drawing.anime import palette, portrait, traits

CLASSES: dict[str, tuple[str, ...]] = {
  "hair": tuple(palette.HAIR),
  "eyes": tuple(palette.EYES),
}

_FACES_PER_PROCESS = 500  # Fewer do not repay its start.
_BLOCK = 64  # Faces received at once.


def draw(
  count: int, *, size: tuple[int, int] = (96, 96), channels: int = 3, seed: int = 0
) -> tuple[np.ndarray, dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
  """Draws `count` anime faces with their colors as labels.

  Many faces are drawn by one process for each CPU core: about 4 ms a face and core.

  Args:
    count: number of faces.
    size: (height, width) in pixels; the face fills the middle square.
    channels: 3 for RGB, 1 for luma.
    seed: of the set, not negative.

  Returns:
    (images, labels, classes): uint8 [count, height, width, channels]; labels of the
    attributes "hair" and "eyes", int32 [count]; and each attribute's names of colors,
    in the order of those integers.

  Raises:
    ValueError: if the size, the channels or the seed cannot be drawn.
    RuntimeError: if a process fails.
  """
  if min(size) < 1 or channels not in (1, 3) or seed < 0:
    raise ValueError(
      f"cannot draw size={size}, channels={channels}, seed={seed}: "
      "needs positive sizes, 1 or 3 channels and a seed >= 0"
    )
  images = np.empty((count, *size, channels), np.uint8)
  workers = min(_num_cores(), count // _FACES_PER_PROCESS)
  if workers > 1:
    _draw_with_processes(images, seed, workers)
  else:
    _draw_here(images, seed)
  return images, labels(count, seed=seed), CLASSES


def labels(count: int, *, seed: int = 0) -> dict[str, np.ndarray]:
  """The labels that `draw` returns, without drawing."""
  pairs = [traits.labels(traits.generator(seed, index)) for index in range(count)]
  columns = np.array(pairs, np.int32).reshape(count, 2).T
  return dict(zip(CLASSES, columns, strict=True))


def _num_cores() -> int:
  if hasattr(os, "sched_getaffinity"):  # Not on macOS and Windows.
    return len(os.sched_getaffinity(0))
  return os.cpu_count() or 1


def _draw_here(images: np.ndarray, seed: int) -> None:
  size, channels = images.shape[1:3], images.shape[3]
  for index, image in enumerate(images):
    image[...] = portrait.paint(traits.generator(seed, index), size, channels)


def _draw_with_processes(images: np.ndarray, seed: int, workers: int) -> None:
  """Splits the faces evenly; a thread for each process collects its images."""
  logging.info("Drawing %d anime faces with %d processes.", len(images), workers)
  bounds = np.linspace(0, len(images), workers + 1).astype(int).tolist()
  parts = [images[first:last] for first, last in itertools.pairwise(bounds)]
  with (
    progress.track(len(images), "drawing faces") as advance,
    concurrent.futures.ThreadPoolExecutor(workers) as pool,
  ):
    processes = [
      _start(part.shape, first, seed)
      for part, first in zip(parts, bounds, strict=False)
    ]
    try:
      jobs = [
        pool.submit(_receive, process, part, advance)
        for process, part in zip(processes, parts, strict=True)
      ]
      for job in jobs:
        job.result()
    finally:  # An interrupted or failed drawing leaves no process behind.
      for process in processes:
        process.kill()


def _start(shape: tuple[int, ...], first: int, seed: int) -> subprocess.Popen:
  """Starts a process that paints the faces from `first` on, [n, h, w, c].

  In a session of its own, where Ctrl-C does not make it print a traceback.
  """
  numbers = map(str, (first, *shape, seed))
  command = [sys.executable, "-m", "jaxgan.drawing.anime", *numbers]
  environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
  return subprocess.Popen(
    command, stdout=subprocess.PIPE, env=environment, start_new_session=True
  )


def _receive(
  process: subprocess.Popen, images: np.ndarray, advance: Callable[[int], None]
) -> None:
  """Fills `images` with what a process paints."""
  with process:
    for start in range(0, len(images), _BLOCK):
      block = images[start : start + _BLOCK]
      if process.stdout.readinto(memoryview(block).cast("B")) < block.nbytes:
        break
      advance(len(block))
  if process.returncode:
    raise RuntimeError(f"drawing faces failed: {' '.join(process.args)}")
