"""Sums by which arrays are known to be those that were saved.

Disks and copies change bits, and Orbax writes no sum of the arrays: a run would go on
with other weights. These sums are of whole numbers, which add up to the same in any
order: it does not matter how arrays lie on devices.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Tree = Any
# By bytes of an element; longer ones are two words or more.
_WORDS = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint32}


def of(tree: Tree) -> jax.Array | int:
  """The elements' bits times odd numbers by place, summed up modulo 2^32.

  One bit that differs always changes it, any other damage nearly always.

  Args:
    tree: of arrays of JAX, or of NumPy.
  """
  total = sum(map(_of_array, jax.tree.leaves(tree)))
  return total % 2**32 if isinstance(total, int) else total


def _of_array(x: jax.Array | np.ndarray) -> jax.Array | int:
  if jnp.issubdtype(x.dtype, jax.dtypes.prng_key):
    x = jax.random.key_data(x)
  numpy = jnp if isinstance(x, jax.Array) else np
  if numpy.iscomplexobj(x):
    x = numpy.stack([x.real, x.imag])
  kind = _WORDS[x.dtype.itemsize]
  if numpy is jnp:
    bits = x if x.dtype == bool else jax.lax.bitcast_convert_type(x, kind)
  else:
    bits = np.ascontiguousarray(x).reshape(-1).view(kind)
  bits = bits.astype(np.uint32).reshape(-1)
  total = numpy.sum(bits * (2 * numpy.arange(bits.size, dtype=np.uint32) + 1))
  return total.astype(np.uint32) if numpy is jnp else int(total) % 2**32


@jax.jit
def of_items(items: dict[str, Tree]) -> dict[str, jax.Array]:
  """`of` each item."""
  return {name: jnp.uint32(of(tree)) for name, tree in items.items()}
