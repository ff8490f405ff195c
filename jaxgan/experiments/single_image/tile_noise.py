"""Noise as a function of position, so that tiles of an image agree on theirs."""

from collections.abc import Sequence
import functools

import jax
import numpy as np

from jaxgan.experiments.single_image import inference
from jaxgan.ops import resampling

Size = tuple[int, int]
_BLOCK = 128  # Side of the squares in which noise is drawn.


class Noise:
  """All stages' noise as a function of position, so that windows of it agree.

  Stages before `start` have the reconstruction's noise, resampled.
  """

  def __init__(
    self,
    source: inference.Restored,
    key: jax.Array,
    sizes: Sequence[Size],
    start: int = 0,
  ):
    self._keys = jax.random.split(key, len(sizes))
    self._fixed = source.fixed[:start]
    # SinGAN's coarsest noise has one value for all channels.
    self._gray = isinstance(source, inference.SinGAN)
    self.shapes = [source.noise_shape(i, size) for i, size in enumerate(sizes)]

  def __call__(self, stage: int, corner: Size, size: Size) -> np.ndarray:
    """Noise [1, *size, c] from a corner on; 0 outside of what there is."""
    extent, channels = self.shapes[stage][:2], self.shapes[stage][2]
    first = [max(c, 0) for c in corner]
    last = [min(c + n, e) for c, n, e in zip(corner, size, extent, strict=True)]
    result = np.zeros((1, *size, channels), np.float32)
    inside = self._inside(stage, first, last)
    top, left = (f - c for f, c in zip(first, corner, strict=True))
    result[:, top : top + inside.shape[1], left : left + inside.shape[2]] = inside
    return result

  def whole(self, stage: int) -> np.ndarray:
    """All of a stage's noise."""
    return self(stage, (0, 0), self.shapes[stage][:2])

  def _inside(
    self, stage: int, first: Sequence[int], last: Sequence[int]
  ) -> np.ndarray:
    if stage < len(self._fixed):
      x = self._fixed[stage]
      matrices = [
        resampling.aligned_cubic(x.shape[axis + 1], self.shapes[stage][axis])
        for axis in (0, 1)
      ]
      windows = [
        m[low:high] for m, low, high in zip(matrices, first, last, strict=True)
      ]
      return resampling.resample(x, *windows)
    blocks = [
      range(low // _BLOCK, -(-high // _BLOCK))
      for low, high in zip(first, last, strict=True)
    ]
    drawn = np.concatenate(
      [
        np.concatenate(
          [_draw(self._keys[stage], i, j, self.shapes[stage][2]) for j in blocks[1]],
          axis=1,
        )
        for i in blocks[0]
      ]
    )
    if self._gray and stage == 0:
      drawn = np.repeat(drawn[..., :1], drawn.shape[-1], -1)
    top, left = (low % _BLOCK for low in first)
    return drawn[None, top : top + last[0] - first[0], left : left + last[1] - first[1]]


@functools.partial(jax.jit, static_argnums=3)
def _draw(key, i, j, channels):
  """The noise of square (i, j), [_BLOCK, _BLOCK, channels]."""
  key = jax.random.fold_in(jax.random.fold_in(key, i), j)
  return jax.random.normal(key, (_BLOCK, _BLOCK, channels))
