"""Sums of arrays: what changes them, and what does not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.engine import sharding, sums


def test_by_hand():
  # 1 * 1 + 2 * 3, and 2^31 * 5 = 2^31 modulo 2^32.
  tree = {"a": np.array([1, 2, 2**31], np.uint32), "b": np.array(True)}
  assert sums.of(tree) == 7 + 2**31 + 1
  assert sums.of({}) == 0


def test_every_bit_counts():
  array = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
  for byte in range(array.nbytes):
    for bit in range(8):
      other = array.copy()
      other.reshape(-1).view(np.uint8)[byte] ^= 1 << bit
      assert sums.of(other) != sums.of(array)


@pytest.mark.parametrize(
  "kind", ["float32", "bfloat16", "float16", "int32", "uint8", "bool", "complex64"]
)
def test_devices_and_kinds_of_arrays_do_not_matter(kind):
  array = np.random.default_rng(1).normal(size=(5, 8)).astype(jnp.dtype(kind))
  mesh = sharding.make_mesh(4)
  want = sums.of(array)
  for place in (sharding.split(mesh), sharding.replicated(mesh)):
    found = sums.of_items({"x": jax.device_put(array, place)})
    assert int(found["x"]) == want


def test_of_keys():
  keys = [jax.random.key(seed) for seed in (0, 1)]
  found = [int(sums.of(key)) for key in keys]
  assert found == [int(sums.of(np.asarray(jax.random.key_data(key)))) for key in keys]
  assert found[0] != found[1]
