"""Bytes become numbers of networks and bytes again, the same by NumPy and by JAX."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.images import pixels

EVERY = np.arange(256, dtype=np.uint8)


def test_floats_are_those_of_one_formula():
  """To the bit, since runs are continued."""
  got = pixels.to_floats(EVERY)
  assert got.dtype == np.float32
  np.testing.assert_array_equal(got, EVERY.astype(np.float32) / 127.5 - 1)
  np.testing.assert_array_equal(
    jax.jit(pixels.to_floats)(EVERY),
    jax.jit(lambda x: x.astype(jnp.float32) / 127.5 - 1)(EVERY),
  )
  np.testing.assert_array_equal(pixels.to_floats(EVERY, low=0), EVERY / np.float32(255))


@pytest.mark.parametrize("low", (-1.0, 0.0))
@pytest.mark.parametrize("array", (np.asarray, jnp.asarray))
def test_every_byte_comes_back(array, low):
  floats = pixels.to_floats(array(EVERY), low)
  back = pixels.to_uint8(floats, low)
  assert isinstance(back, type(array(EVERY))) and back.dtype == np.uint8
  np.testing.assert_array_equal(back, EVERY)
  np.testing.assert_array_equal(jax.jit(pixels.to_uint8)(floats, low), EVERY)


def test_others_are_rounded_and_clipped():
  levels = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5])
  want = [0, 0, 64, 128, 191, 255, 255]
  np.testing.assert_array_equal(pixels.to_uint8(levels), want)
  np.testing.assert_array_equal(jax.jit(pixels.to_uint8)(levels), want)
