"""An image and its patches as a generator: what every task works with."""

from collections.abc import Sequence
import dataclasses
import functools
import math

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.patches import data
from jaxgan.experiments.patches.denoiser import Sampler, draw, resize
from jaxgan.images import pixels
from jaxgan.metrics import copies, sliced
from jaxgan.ops import patches

Size = data.Size
# Of the config, and what a task's group may have of its own.
SETTINGS = ("min_size", "noise_levels", "eta", "window", "anchor", "candidates")
TASKS = ("symmetric", "tile")
STATISTICS = "patch_stats"  # Model files leave statistics in full precision.
COMPARED = 7  # Side of the patches by which candidates are compared, in pixels.
PROJECTIONS = 32  # In which their distributions are.
COPIED = 0.5  # Share of patches in one piece that makes a candidate a copy.


@dataclasses.dataclass(frozen=True, eq=False)
class Generator:
  """An image's patches, and how samples are made of them.

  Attributes:
    image: float32 [h, w, c] in [-1, 1].
    basis: directions by which near patches are found [d, k].
    sampler: how samples are made.
    min_size: shorter side of the coarsest scale.
    above: scales of more patches are denoised by the nearest alone.
    anchor: see `denoiser.draw`.
    candidates: coarsest scales, the best of which is refined.
  """

  image: np.ndarray
  basis: jax.Array
  sampler: Sampler
  min_size: int
  above: int
  anchor: float
  candidates: int

  @property
  def sizes(self) -> tuple[Size, ...]:
    """(height, width) of every scale of samples of the image's size."""
    return self.sized(self.image.shape[:2])

  def sized(self, size: Size) -> tuple[Size, ...]:
    """Sizes of all scales that end at a size.

    Raises:
      UserError: if it is too small.
    """
    short = min(*size, *self.image.shape[:2])
    result = data.sizes(size, data.count_scales(short, self.min_size), self.min_size)
    if min(map(min, result)) < self.sampler.patch:
      raise UserError(
        f"a size of {size[1]}x{size[0]} is smaller than a patch of "
        f"{self.sampler.patch} pixels: ask for a larger one."
      )
    return result

  def scaled(self, height: float = 1.0, width: float = 1.0) -> tuple[Size, ...]:
    """Sizes of all scales with every side times a factor, rounded to a pixel."""
    h, w = self.image.shape[:2]
    return self.sized((round(h * height), round(w * width)))

  def scales(self, count: int) -> list[jax.Array]:
    """The image at its own scales, from the coarsest; each from the one above it."""
    sizes = data.sizes(self.image.shape[:2], count, self.min_size)
    result = [jnp.asarray(self.image)]
    for size in sizes[-2::-1]:
      result.append(resize(result[-1], size))
    return result[::-1]

  def generate(
    self, key: jax.Array, sizes: Sequence[Size], *, start: int = 0
  ) -> np.ndarray:
    """An image float32 [*sizes[-1], c] in [-1, 1].

    Args:
      key: of its noise.
      sizes: of the scales; see `sized`.
      start: scales before it are the image's own, stretched.
    """
    own = self.scales(len(sizes))
    x = resize(own[start - 1], sizes[start - 1]) if start else None
    for i in range(start, len(sizes)):
      part = jax.random.fold_in(key, i)
      if i:
        x = self._finer(part, own[i], x, sizes[i])
      else:
        x = self._coarsest(part, own[0], sizes[0])
    return np.asarray(x)

  def _finer(self, key, image, coarser, size) -> jax.Array:
    count = math.prod(side - self.sampler.patch + 1 for side in image.shape[:2])
    return self._draw(size, fast=count > self.above)(key, image, coarser)

  def _coarsest(self, key, image, size) -> jax.Array:
    several = jax.vmap(self._draw(size, fast=False), (0, None, None))
    return best(image, several(jax.random.split(key, self.candidates), image, None))

  def _draw(self, size: Size, *, fast: bool):
    """`denoiser.draw` of a size: `(key, image, coarser) -> image`."""
    anchor = jnp.float32(self.anchor or jnp.inf)
    options = dict(size=size, sampler=self.sampler, fast=fast)
    return lambda key, image, coarser: draw(
      key, image, self.basis, coarser, anchor, **options
    )


def best(real: jax.Array, several: jax.Array) -> jax.Array:
  """Of several images the one whose patches are distributed most like the real one's.

  So it has all materials of the real one, in the same shares. As copies have, too,
  those are left out, shifted ones among them, or if all are copies, all but the least.
  """
  return min(several, key=functools.partial(_rank, real))


def _rank(real: jax.Array, made: jax.Array) -> tuple[float, float]:
  """How much of an image is one piece of another, and how unlike their patches are."""
  side = min(COMPARED, *real.shape[:2], *made.shape[:2])
  pair = (pixels.to_uint8(np.asarray(x)) for x in (real, made))
  piece = copies.match(*pair, size=side, stride=2).moved_as_one()
  both = (patches.unfold(x, side) for x in (made, real))
  unlike = sliced.distance(*both, num_projections=PROJECTIONS).value
  return max(piece, COPIED), unlike


def restored(run: workdir.Run, task: str = "", **kinds: bool) -> Generator:
  """The generator of a run.

  Args:
    run: the run.
    task: whose settings are taken, one of `TASKS`; "" for those of samples.
    kinds: `wrap` and `symmetric` of `denoiser.Sampler`.
  """
  (facts,) = run.facts.values()
  config = run.config
  own = {name: config[name] for name in SETTINGS} | (dict(config[task]) if task else {})
  sampler = Sampler(
    patch=config.patch,
    window=own["window"],
    noise_levels=own["noise_levels"],
    eta=own["eta"],
    neighbors=config.fast.neighbors,
    stride=config.fast.stride,
    noise=config.fast.noise,
    **kinds,
  )
  return Generator(
    pixels.to_floats(facts["image"]),
    jnp.asarray(run.restore(f"extra.{STATISTICS}")["basis"]),
    sampler,
    own["min_size"],
    config.fast.above,
    own["anchor"],
    own["candidates"],
  )
