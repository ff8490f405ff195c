"""SinGAN's images larger than memory allows: large scales tile by tile.

Scales hand images to each other, which are small beside the layers inside, so only
these are computed in tiles; each takes five pixels more on every side.
"""

from collections.abc import Sequence
import itertools

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.experiments.single_image import consingan_tiles, inference, tile_noise
from jaxgan.experiments.single_image.networks import enlarge
from jaxgan.nets.singan import BORDER

Size = tuple[int, int]


def generate(
  source: inference.SinGAN,
  noise: tile_noise.Noise,
  sizes: Sequence[Size],
  *,
  tile: int = 0,
) -> np.ndarray:
  """One image float32 [1, *sizes[-1], c]; see `consingan_tiles.generate`."""
  first = consingan_tiles.first_tiled(sizes, tile)
  if first == len(sizes):
    return source.generate([noise.whole(i) for i in range(first)], sizes)
  image = source.generate([noise.whole(i) for i in range(first)], sizes[:first])
  larger = jax.jit(enlarge, static_argnums=1)
  for i, size in enumerate(sizes[first:], first):
    before = np.asarray(larger(image, tuple(size)))
    image = refine(source, before, noise, i, tile or consingan_tiles.TILE)
  return image


def refine(
  source: inference.SinGAN,
  before: np.ndarray,
  noise: tile_noise.Noise,
  scale: int,
  tile: int,
) -> np.ndarray:
  """An enlarged image [1, h, w, c] with a scale's detail added, in tiles."""
  extent = before.shape[1:3]
  around = ((0, 0), (BORDER, BORDER), (BORDER, BORDER), (0, 0))
  wide = np.pad(before, around)
  bordered = noise.shapes[scale][0] > extent[0]  # Whether noise covers the border.
  sides, starts = consingan_tiles.cover(extent, tile)
  result = before.copy()
  for top, left in itertools.product(*starts):
    corner = (top, left) if bordered else (top - BORDER, left - BORDER)
    window = [side + 2 * BORDER for side in sides]
    detail = source.refine(
      jnp.asarray(wide[:, top : top + window[0], left : left + window[1]]),
      noise(scale, corner, tuple(window)),
      scale=scale,
      padded=True,
    )
    rows, columns = slice(top, top + sides[0]), slice(left, left + sides[1])
    # Not added to the result, where tiles may overlap.
    result[:, rows, columns] = before[:, rows, columns] + np.asarray(detail)
  return result
