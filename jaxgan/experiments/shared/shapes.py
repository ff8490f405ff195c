"""Shapes and types of what a network has, found without making it."""

from typing import Any

from flax import linen as nn
import jax
import jax.numpy as jnp

Tree = Any


def floats(*shape: int) -> jax.ShapeDtypeStruct:
  """An array float32 of a shape."""
  return jax.ShapeDtypeStruct(shape, jnp.float32)


def labels(count: int) -> jax.ShapeDtypeStruct:
  """An array int32 [count]."""
  return jax.ShapeDtypeStruct((count,), jnp.int32)


def variables(network: nn.Module, *inputs: Tree, **options: Any) -> dict[str, Tree]:
  """The collections of a network, "params" and others.

  Args:
    network: the module.
    *inputs: shapes of the arrays that it takes.
    **options: what else it takes, by name.

  Raises:
    TypeError: a field of the network has no hash, which programs of it need.
  """
  hash(network)
  # The key is made in there, since here it would start the accelerator.
  init = lambda *inputs: network.init(jax.random.key(0), *inputs, **options)
  return jax.eval_shape(init, *inputs)
