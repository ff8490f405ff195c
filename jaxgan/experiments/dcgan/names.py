"""Names of latents, by which an image can be made again, and points between latents.

"3:7" is number 7 of seed 3. "3:7~5:0:0.25" lies a quarter of the way from there to
number 0 of seed 5, and so on for any more steps.
"""

from collections.abc import Iterator, Sequence
import itertools
import re

import numpy as np

from jaxgan.errors import UserError
from jaxgan.experiments.dcgan.inference import Sampler
from jaxgan.experiments.shared import arguments

_POINT = r"\d{1,10}:\d{1,10}"  # Seed and number, both below `arguments.SEEDS`.
_NAME = re.compile(rf"{_POINT}(~{_POINT}:(0|1|0?\.\d+))*")


def numbered(seed: int) -> Iterator[str]:
  """Yields the names of all latents of a seed."""
  return (f"{seed}:{i}" for i in itertools.count())


def beside(name: str, other: str, share: float) -> str:
  """The name of what lies a share in [0, 1] of the way from one latent to another."""
  return f"{name}~{other}:{np.format_float_positional(share, trim='-')}"


def parse(text: str) -> list[str]:
  """ "3:7,3:9" to its names.

  Raises:
    UserError: one is none.
  """
  names = [part.strip() for part in text.split(",") if part.strip()]
  for name in names:
    numbers = re.findall(r"(\d+):(\d+)", name)
    if not _NAME.fullmatch(name) or any(
      int(x) >= arguments.SEEDS for pair in numbers for x in pair
    ):
      raise UserError(
        f"--latents: {name!r} is no name of an image: write SEED:NUMBER, such as 0:5."
      )
  return names


def wanted(text: str, seed: int, num: int) -> tuple[Iterator[str], int]:
  """(names, how many) that --latents asks for; without it, --seed and --num."""
  named = parse(text)
  return (iter(named), len(named)) if named else (numbered(seed), num)


def base(name: str) -> tuple[int, int]:
  """(seed, number) of the latent that a name begins with."""
  seed, number = name.partition("~")[0].split(":")
  return int(seed), int(number)


def draw(sampler: Sampler, names: Sequence[str]) -> np.ndarray:
  """Latents [n, d] of names."""
  paths = [name.split("~") for name in names]
  result = _points(sampler, [base(name) for name in names])
  for depth in range(1, max(map(len, paths))):
    rows = [i for i, path in enumerate(paths) if len(path) > depth]
    steps = [paths[i][depth].split(":") for i in rows]
    targets = _points(sampler, [(int(seed), int(number)) for seed, number, _ in steps])
    for i, target, (_, _, share) in zip(rows, targets, steps, strict=True):
      result[i] = slerp(result[i], target, float(share))
  return result


def _points(sampler: Sampler, points: Sequence[tuple[int, int]]) -> np.ndarray:
  """Latents [n, d] of (seed, number)s; those of a seed are drawn together."""
  seeds, numbers = np.asarray(points).T
  known = set(seeds.tolist())
  parts = {seed: sampler.numbered(seed, numbers[seeds == seed]) for seed in known}
  result = np.empty((len(points), next(iter(parts.values())).shape[1]), np.float32)
  for seed, part in parts.items():
    result[seeds == seed] = part
  return result


def slerp(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
  """Spherical interpolation (White, 2016): keeps the norm that normal latents have.

  Args:
    a: latents [d] at t = 0.
    b: latents [d] at t = 1.
    t: in [0, 1].
  """
  cosine = np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))
  angle = np.arccos(np.clip(cosine, -1, 1))
  if np.sin(angle) < 1e-6:  # Parallel: a straight line, whose limit this is.
    return (1 - t) * a + t * b
  return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
