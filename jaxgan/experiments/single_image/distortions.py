"""The distorted images that harmonization and editing learn to turn back.

A distortion takes a key and an image [h, w, c] in [-1, 1] and returns one like it, with
odd colors and patches (harmonization) or displaced parts (editing). As the published
ConSinGAN code and albumentations 0.4.3, which it calls, do it; random choices are made
on the device.
"""

from collections.abc import Callable
import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp

Distortion = Callable[[jax.Array, jax.Array], jax.Array]
_PROBABILITY = 0.25  # Of any change of colors.
_CUTOUT = 0.9
_SEPIA = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))
VARIANTS = ("fixed", "reference")
# Editing: of 1, 2, ... 5 tiles, the least and largest side and shift, as shares of the
# image's side.
_TILES = (
  (0.20, 0.50, 0.05, 0.15),
  (0.15, 0.30, 0.05, 0.10),
  (0.10, 0.20, 0.05, 0.10),
  (0.10, 0.15, 0.05, 0.10),
  (0.10, 0.15, 0.05, 0.10),
)


def of_mode(mode: str, variant: str = "fixed") -> Distortion | None:
  """What stage 0 of a mode begins with; None for noise. See `harmonization`."""
  if mode == "harmonization":
    return functools.partial(harmonization, variant=variant)
  return shuffle if mode == "editing" else None


def harmonization(
  key: jax.Array, image: jax.Array, *, variant: str = "fixed"
) -> jax.Array:
  """Now and then one change of colors, and mostly one or two holes of one color.

  Args:
    key: PRNG key.
    image: [h, w, c] in [-1, 1]; of images that are not RGB only noise, inversion and
      holes.
    variant: of `VARIANTS`. "reference" repeats a mistake of the published program,
      which passes an image in [0, 255] where the library expects [0, 1]: a tenth of its
      images are black but for the holes. "fixed" has them as they were meant.

  Returns:
    [h, w, c] in [-1, 1].
  """
  choose, color, holes = jax.random.split(key, 3)
  x = (jnp.clip(image, -1, 1) + 1) * 127.5
  x = _change_colors(_draw_operation(choose), color, x, variant == "reference")
  x = _cut_out(holes, x)
  return jnp.clip(x / 127.5 - 1, -1, 1)


def _draw_operation(key: jax.Array) -> jax.Array:
  """0 for none, else the place of one in `OPERATIONS`, counted from 1."""
  weights = [_PROBABILITY * each.weight for each in OPERATIONS.values()]
  return jax.random.choice(
    key, 1 + len(weights), p=jnp.asarray([1 - _PROBABILITY, *weights])
  )


def _change_colors(
  index: jax.Array, key: jax.Array, x: jax.Array, clips: bool
) -> jax.Array:
  """One operation or none, on [0, 255]."""
  branches: list[Callable] = [lambda key, x: x]
  branches += [
    _limited(each, 1.0 if clips and each.clipped else 255.0)
    for each in OPERATIONS.values()
  ]
  return jax.lax.switch(index, branches, key, x)


def _limited(operation: "Operation", limit: float) -> Distortion:
  """`(key, image in [0, 255]) -> image`, the result clipped to [0, limit]."""

  def run(key, x):
    if operation.rgb_only and x.shape[-1] != 3:
      return x
    return jnp.clip(operation.change(key, x, limit), 0, limit)

  return run


def _multiply(key, x, limit):
  return x * jax.random.uniform(key, x.shape, minval=0.5, maxval=1.5)


def _gray_noise(key, x, limit):
  """Every pixel's channels move together."""
  scale, noise = jax.random.split(key)
  sigma = jax.random.uniform(scale, (), minval=2.55, maxval=12.75)
  return x + sigma * jax.random.normal(noise, (*x.shape[:2], 1))


def _noise(key, x, limit):
  scale, noise = jax.random.split(key)
  variance = jax.random.uniform(scale, (), minval=10, maxval=50)
  return x + jnp.sqrt(variance) * jax.random.normal(noise, x.shape)


def _invert(key, x, limit):
  return 255 - x


def _sepia(key, x, limit):
  return x @ jnp.asarray(_SEPIA).T


def _drop_channel(key, x, limit):
  return x * (jnp.arange(3) != jax.random.randint(key, (), 0, 3))


def _shuffle_channels(key, x, limit):
  return x[..., jax.random.permutation(key, 3)]


def _shift_hsv(key, x, limit):
  """Hue by up to 40 degrees, saturation by 30 / 255, value by 20 of 255.

  Where the library takes the image for one in [0, limit = 1] and the shifts as they
  are, by 20 degrees, 30 and 20.
  """
  whole = limit == 255
  shift = jax.random.uniform(key, (3,), minval=-1)
  hue, saturation, value = to_hsv(x)
  hue = hue + shift[0] * (40 if whole else 20)
  saturation = jnp.clip(saturation + shift[1] * (30 / 255 if whole else 30), 0, 1)
  return from_hsv(hue, saturation, jnp.clip(value + shift[2] * 20, 0, limit))


class Operation(NamedTuple):
  """A change of colors.

  Attributes:
    change: `(key, image in [0, 255], limit) -> image`.
    weight: how often it is the one chosen.
    clipped: whether the library, which takes float images to be in [0, 1], clips this
      one's result there.
    rgb_only: leaves images of other than three channels alone.
  """

  change: Callable[[jax.Array, jax.Array, float], jax.Array]
  weight: float
  clipped: bool
  rgb_only: bool = False


OPERATIONS = {
  "multiply": Operation(_multiply, 5 / 16 * 1 / 6, True),
  "gray_noise": Operation(_gray_noise, 5 / 16 * 5 / 12, False),
  "noise": Operation(_noise, 5 / 16 * 5 / 12, True),
  "invert": Operation(_invert, 5 / 16 / 2, False),
  "sepia": Operation(_sepia, 5 / 16 / 2, True, rgb_only=True),
  "drop_channel": Operation(_drop_channel, 5 / 16 / 2, False, rgb_only=True),
  "shuffle_channels": Operation(_shuffle_channels, 5 / 16 / 2, False, rgb_only=True),
  "shift_hsv": Operation(_shift_hsv, 1 / 16, True, rgb_only=True),
}


def to_hsv(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
  """RGB [..., 3] to hue in degrees, saturation in [0, 1], and value in x's range."""
  high, low = x.max(-1), x.min(-1)
  spread = jnp.where(high > low, high - low, 1)
  red, green, blue = (x[..., i] for i in range(3))
  sector = jnp.where(
    high == red,
    (green - blue) / spread,
    jnp.where(high == green, 2 + (blue - red) / spread, 4 + (red - green) / spread),
  )
  return (60 * sector % 360, (high - low) / jnp.where(high > 0, high, 1), high)


def from_hsv(hue: jax.Array, saturation: jax.Array, value: jax.Array) -> jax.Array:
  """The inverse of `to_hsv`; hue may be any number of degrees."""

  def channel(offset):  # As far from white as the hue is from this channel.
    k = (offset + hue / 60) % 6
    return value * (1 - saturation * jnp.clip(jnp.minimum(k, 4 - k), 0, 1))

  return jnp.stack([channel(5), channel(3), channel(1)], -1)


def _cut_out(key: jax.Array, x: jax.Array) -> jax.Array:
  """One large hole or two small ones, mostly; both of the same size and color."""
  keys = jax.random.split(key, 5)
  two = jax.random.bernoulli(keys[0])
  sizes = jnp.where(
    two,
    jax.random.randint(keys[1], (2,), 15, 31),
    jax.random.randint(keys[1], (2,), 30, 61),
  )
  count = jnp.where(jax.random.bernoulli(keys[2], _CUTOUT), 1 + two, 0)
  color = jax.random.randint(keys[3], x.shape[-1:], 0, 257).astype(x.dtype)
  extent = jnp.asarray(x.shape[:2])
  centers = jax.random.randint(keys[4], (2, 2), 0, extent + 1)
  for i in range(2):
    first, last = centers[i] - sizes // 2, centers[i] + sizes // 2
    inside = _box(x.shape, first, last) & (i < count)
    x = jnp.where(inside, jnp.minimum(color, 255), x)
  return x


def _box(shape: tuple[int, ...], first: jax.Array, last: jax.Array) -> jax.Array:
  """Which pixels [h, w, 1] lie between two corners, the last not included."""
  rows, columns = jnp.arange(shape[0]), jnp.arange(shape[1])
  return ((first[0] <= rows) & (rows < last[0]))[:, None, None] & (
    (first[1] <= columns) & (columns < last[1])
  )[None, :, None]


def shuffle(key: jax.Array, image: jax.Array) -> jax.Array:
  """One to five tiles of the image [h, w, c], each copied to somewhere near."""
  tiles, count = draw_tiles(key, image.shape[:2])
  return paste(image, tiles, count)


def draw_tiles(key: jax.Array, shape: tuple[int, int]) -> tuple[jax.Array, jax.Array]:
  """Where tiles come from and go to.

  Args:
    key: PRNG key.
    shape: (height, width) of the image.

  Returns:
    (int32 [5, 3, 2]: of each tile its corner, its size and its new corner, all
    (row, column) and inside the image; how many of the five there are).
  """
  keys = jax.random.split(key, 5)
  count = jax.random.randint(keys[0], (), 1, 6)
  bounds = jnp.asarray(
    [[[int(share * side) for side in shape] for share in shares] for shares in _TILES]
  )[count - 1]
  extent, each = jnp.asarray(shape), (len(_TILES), 2)
  corner = jax.random.randint(keys[1], each, 0, extent + 1)
  size = jax.random.randint(keys[2], each, bounds[0], bounds[1] + 1)
  size = jnp.minimum(size, extent - corner)
  shift = jax.random.randint(keys[3], each, bounds[2], bounds[3] + 1)
  back = jax.random.bernoulli(keys[4], shape=(len(_TILES), 1))
  target = jnp.where(
    back, jnp.maximum(corner - shift, 0), jnp.minimum(corner + shift, extent - size)
  )
  return jnp.stack([corner, size, target], 1), count


def paste(image: jax.Array, tiles: jax.Array, count: jax.Array) -> jax.Array:
  """Copies the first `count` tiles of `draw_tiles`, all out of the original image."""
  result = image
  for i in range(tiles.shape[0]):
    corner, size, target = tiles[i]
    moved = jnp.roll(image, target - corner, (0, 1))
    inside = _box(image.shape, target, target + size) & (i < count)
    result = jnp.where(inside, moved, result)
  return result
