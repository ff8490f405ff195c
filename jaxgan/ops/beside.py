"""Sets of images that go through a network in one call, and stay on their devices."""

import jax
import jax.numpy as jnp


def join(*sets: jax.Array) -> jax.Array:
  """Sets of as many images [n, ...] in one, the images of a place beside each other.

  One set after the other would be divided over devices anew, which sends images.
  """
  return jnp.stack(sets, 1).reshape(-1, *sets[0].shape[1:])


def split(values: jax.Array, count: int, each: int = 1) -> list[jax.Array]:
  """What became of `count` joined sets, one by one.

  Args:
    values: [n * count * each, ...], in the order of the joined images.
    count: sets.
    each: values of an image.
  """
  parts = values.reshape(-1, count, each, *values.shape[1:])
  return [parts[:, i].reshape(-1, *values.shape[1:]) for i in range(count)]
