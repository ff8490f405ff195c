"""Earlier translations, of which a discriminator is shown some (Shrivastava, 2017)."""

from typing import NamedTuple

import jax
import jax.numpy as jnp


class Pool(NamedTuple):
  """The images that are kept, and how many they are: float32 [size, h, w, c], int32."""

  images: jax.Array
  count: jax.Array


def create(size: int, side: int) -> Pool:
  """An empty pool for `size` images [side, side, 3]."""
  return Pool(jnp.zeros((size, side, side, 3)), jnp.zeros((), jnp.int32))


def draw(key: jax.Array, num: int, size: int) -> tuple[jax.Array, jax.Array]:
  """(replace, slot) of `num` images for `exchange`: half of them are exchanged."""
  keys = jax.random.split(key)
  replace = jax.random.uniform(keys[0], (num,)) > 0.5
  return replace, jax.random.randint(keys[1], (num,), 0, max(size, 1))


def exchange(
  pool: Pool, images: jax.Array, replace: jax.Array, slot: jax.Array
) -> tuple[Pool, jax.Array]:
  """Puts images into the pool, one by one, and says what to show instead of them.

  While there is room, an image is stored and shown. Then one that replaces takes the
  place of an earlier one, which is shown; any other is shown and not stored.

  Args:
    pool: of `size` images; with 0 all are shown.
    images: [n, h, w, c].
    replace: bool [n].
    slot: int [n], the places of those replaced, under `size`.

  Returns:
    The new pool, and the images to show, as many as were given.
  """
  size, shown = len(pool.images), []
  if not size:
    return pool, images
  kept, count = pool
  for image, replaces, place in zip(images, replace, slot, strict=True):
    room = count < size
    place = jnp.where(room, count, place)
    old, stored = kept[place], room | replaces
    shown.append(jnp.where(room | ~replaces, image, old))
    kept = kept.at[place].set(jnp.where(stored, image, old))
    count = count + room
  return Pool(kept, count), jnp.stack(shown)
