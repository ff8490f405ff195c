"""What `jaxgan.ops.lowering` needs of JAX beyond its stable interface.

Where these tests fail, a new JAX has changed what they name, and `lowering._primitive`
and the rules below it must follow; nothing else in the package depends on it.
"""

import importlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest


@pytest.mark.parametrize(
  "name",
  [
    "jax.extend.core.Primitive",
    "jax.interpreters.ad.defbilinear",
    "jax.interpreters.batching.primitive_batchers",
    "jax.interpreters.mlir.lower_fun",
    "jax.interpreters.mlir.register_lowering",
  ],
)
def test_jax_still_has(name):
  module, attribute = name.rsplit(".", 1)
  try:
    found = hasattr(importlib.import_module(module), attribute)
  except ImportError:
    found = False
  assert found, f"jax {jax.__version__} has no {name}, which jaxgan.ops.lowering needs"


def test_a_bilinear_primitive_is_defined_as_before():
  core = importlib.import_module("jax.extend.core")
  interpreters = (f"jax.interpreters.{name}" for name in ("ad", "batching", "mlir"))
  ad, batching, mlir = map(importlib.import_module, interpreters)
  run = lambda a, b, *, factor: factor * a * b
  scale = core.Primitive("scaled_product")
  scale.def_impl(jax.jit(run, static_argnames="factor"))
  scale.def_abstract_eval(
    lambda a, b, *, factor: a.update(shape=b.shape, weak_type=False)
  )
  mlir.register_lowering(scale, mlir.lower_fun(run, multiple_results=False))
  batching.primitive_batchers[scale] = lambda args, axes, *, factor: (
    jax.vmap(lambda a, b: run(a, b, factor=factor), axes)(*args),
    0,
  )
  rule = lambda ct, a, b, *, factor: scale.bind(ct, b, factor=factor)
  swapped = lambda ct, a, b, *, factor: scale.bind(a, ct, factor=factor)
  ad.defbilinear(scale, rule, swapped)

  x, product = jnp.arange(3.0), lambda a, b: scale.bind(a, b, factor=2)
  for call in (product, jax.jit(product), jax.vmap(product)):
    np.testing.assert_array_equal(call(x, x), 2 * x**2)
  grads = jax.grad(lambda a, b: product(a, b).sum(), (0, 1))(x, x + 1)
  np.testing.assert_array_equal(grads, (2 * (x + 1), 2 * x))
  along = jax.jvp(product, (x, x), (x + 1, 0 * x))[1]
  np.testing.assert_array_equal(along, 2 * (x + 1) * x)
