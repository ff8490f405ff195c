"""The optimal denoiser over an image's own patches, and its sampler.

If clean patches y are those of one image and nothing else, the best guess at one from
x = alpha y + sigma noise is known in closed form: the mean of all of them, weighted by
exp(-|x - alpha y|^2 / 2 sigma^2). An image is denoised by denoising all its patches and
averaging where they overlap; a sampler goes on so from noise to an image, once a scale,
coarse to fine (arXiv 2606.04299). Images are float32 [h, w, c] in [-1, 1].
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.ops import patches, resampling

Size = tuple[int, int]
LEAST_SIGMA = 0.02  # Below it the rounding of float32 distances would decide.
MOST_SCORES = 2**25  # That are held at once: 128 MiB.


class Sampler(NamedTuple):
  """How samples are made; hashable. `configs/patches.py` explains the fields.

  Attributes:
    wrap: the image goes on at the other border, as a texture that is laid in tiles.
    symmetric: the right half is the left one's mirror image.
  """

  patch: int
  window: float
  noise_levels: int
  eta: float
  neighbors: int
  stride: int
  noise: float
  wrap: bool = False
  symmetric: bool = False


def schedule(count: int, most: float = 1.0) -> np.ndarray:
  """Noise levels sigma from high to low: those of `count` that are at most `most`.

  They are evenly spread from 1 to 1e-4, and alpha is 1 - sigma (a linear flow).
  """
  levels = 1 - np.linspace(1 - 1e-4, 0, count)[::-1]
  return levels[levels <= most].astype(np.float32)


def resize(x: jax.Array, size: Size, wrap: bool = False) -> jax.Array:
  """An image at another size by the antialiased cubic filter."""
  border = "wrap" if wrap else "reflect"
  matrices = [
    resampling.antialiased_cubic(length, out, out / length, border=border)
    for length, out in zip(x.shape, size, strict=False)
  ]
  return resampling.resample(x, *(jnp.asarray(m, jnp.float32) for m in matrices))


def exact(
  x: jax.Array, data: jax.Array, alpha: jax.Array, sigma: jax.Array, bias: jax.Array
) -> jax.Array:
  """The weighted mean of all patches.

  Args:
    x: noisy patches [n, d].
    data: clean ones [m, d].
    alpha, sigma: scalars; see the module.
    bias: added to the logarithms of the weights [m].

  Returns:
    [n, d].
  """
  sigma = jnp.maximum(sigma, LEAST_SIGMA)
  likeness = alpha * (x @ data.T) - 0.5 * alpha**2 * (data**2).sum(1)
  return jax.nn.softmax(likeness / sigma**2 + bias) @ data


def nearest(
  x: jax.Array,
  image: jax.Array,
  keys: jax.Array,
  basis: jax.Array,
  alpha: jax.Array,
  sigma: jax.Array,
  count: int,
) -> jax.Array:
  """The weighted mean of the nearest patches alone, found by a part of their numbers.

  Args:
    x: noisy patches [n, d].
    image: that clean ones are cut from.
    keys: all clean ones in the directions of `basis` [rows, columns, k].
    basis: [d, k].
    alpha, sigma: scalars; see the module. At alpha 0 all patches are equally near.
    count: how many are averaged.

  Returns:
    [n, d].
  """
  side = round((x.shape[1] / image.shape[-1]) ** 0.5)
  columns, keys = keys.shape[1], keys.reshape(-1, keys.shape[-1])
  sigma = jnp.maximum(sigma, LEAST_SIGMA)
  squares = 0.5 * alpha**2 * (keys**2).sum(1)

  def mean_of_nearest(query):
    found, index = jax.lax.top_k(alpha * (keys @ query) - squares, count)
    cut = lambda i: jax.lax.dynamic_slice(
      image, (i // columns, i % columns, 0), (side, side, image.shape[-1])
    )
    weights = jax.nn.softmax(found / sigma**2)
    return jnp.tensordot(weights, jax.vmap(cut)(index), 1).ravel()

  at_once = max(1, min(len(x), MOST_SCORES // len(keys)))
  return jax.lax.map(mean_of_nearest, x @ basis, batch_size=at_once)


def keys_of(image: jax.Array, basis: jax.Array) -> jax.Array:
  """All patches of an image in the directions of `basis` [d, k]: [rows, columns, k]."""
  side = round((len(basis) / image.shape[-1]) ** 0.5)
  kernel = basis.reshape(side, side, image.shape[-1], -1)
  return jax.lax.conv_general_dilated(
    image[None], kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
  )[0]


@functools.partial(jax.jit, static_argnames=("size", "sampler", "fast"))
def draw(
  key: jax.Array,
  image: jax.Array,
  basis: jax.Array,
  coarser: jax.Array | None,
  anchor: jax.Array,
  *,
  size: Size,
  sampler: Sampler,
  fast: bool,
) -> jax.Array:
  """One scale of a sample.

  Args:
    key: of the noise.
    image: what patches are taken from, at this scale.
    basis: directions by which near patches are found [d, k].
    coarser: the sample at the scale before, or None at the coarsest.
    anchor: by how much of the height a patch may lie higher or lower than its own row
      (a standard deviation), at the coarsest scale alone; infinite for anywhere.
    size: of the sample.
    sampler: how it is made.
    fast: whether the nearest patches stand for all; else the mean is over all.

  Returns:
    [*size, c].
  """
  side, wrap = sampler.patch, sampler.wrap
  own = keys_of(image, basis) if fast else patches.unfold(image, side)
  heights = _heights(image.shape, side)

  def denoise(x, alpha, sigma):
    def replaced(noisy, row):
      if fast:
        return nearest(noisy, image, own, basis, alpha, sigma, sampler.neighbors)
      bias = 0.0
      if coarser is None:
        away = row / max(size[0] - side, 1) - heights
        bias = -0.5 * (away / anchor) ** 2
      return exact(noisy, own, alpha, sigma, bias)

    stride = sampler.stride if fast else 1
    return patches.replace(
      replaced, x, side, stride=stride, spread=sampler.window, wrap=wrap
    )

  # At sigma 1 all patches count alike, so finer scales begin a level lower, from the
  # coarser one and noise.
  most = 1.0 if coarser is None else sampler.noise if fast else 0.9999
  levels = schedule(sampler.noise_levels, most)
  up = None if coarser is None else resize(coarser, size, wrap)
  keys = jax.random.split(key)
  x = levels[0] * jax.random.normal(keys[0], (*size, image.shape[-1]))
  if up is not None:
    x += (1 - levels[0]) * up

  def step(x, part):
    key, sigma, following, is_last = part
    guess = denoise(x, 1 - sigma, sigma)
    if sampler.symmetric:
      guess = mirrored(guess)
    noise = (x - (1 - sigma) * guess) / sigma
    if up is not None:  # What is coarse stays as it was; but the noise is unchanged.
      half = tuple(-(-length // 2) for length in size)
      change = up - resize(resize(guess, half, wrap), size, wrap)
      guess += jnp.where(is_last, 0.0, change)
    fresh = jax.random.normal(key, x.shape)
    noise = (1 - sampler.eta**2) ** 0.5 * noise + sampler.eta * fresh
    return (1 - following) * guess + following * noise, None

  parts = (
    jax.random.split(keys[1], len(levels)),
    levels,
    np.append(levels[1:], np.float32(0)),
    np.arange(len(levels)) == len(levels) - 1,
  )
  return jax.lax.scan(step, x, parts)[0]


def mirrored(image: jax.Array) -> jax.Array:
  """The left half and its mirror image; an odd width keeps its middle column."""
  width = image.shape[1]
  return jnp.concatenate(
    [image[:, : width - width // 2], image[:, : width // 2][:, ::-1]], axis=1
  )


def _heights(shape: tuple[int, ...], side: int) -> np.ndarray:
  """How far down each patch of an image lies, from 0 to 1, in the order of `unfold`."""
  rows, columns = (length - side + 1 for length in shape[:2])
  return np.repeat(np.arange(rows) / max(rows - 1, 1), columns).astype(np.float32)
