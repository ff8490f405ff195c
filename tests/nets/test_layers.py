"""Our layers against Flax's, whose parameters they share."""

import functools

from flax import linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.nets import layers

KEY = jax.random.key(0)


def _images(channels=3, n=4):
  return jax.random.normal(jax.random.key(1), (n, 9, 8, channels)) * 2 + 1


@pytest.mark.parametrize(
  ("ours", "flax", "options"),
  [
    (layers.Conv, nn.Conv, dict(kernel_size=(4, 4), strides=2)),
    (layers.Conv, nn.Conv, dict(kernel_size=(3, 3), padding="VALID", use_bias=False)),
    (layers.ConvTranspose, nn.ConvTranspose, dict(kernel_size=(5, 5), strides=3)),
    (
      layers.ConvTranspose,
      nn.ConvTranspose,
      dict(kernel_size=(4, 4), strides=1, padding="VALID"),
    ),
    (layers.Dense, nn.Dense, dict(use_bias=False)),
  ],
)
def test_same_parameters_same_results(ours, flax, options):
  x = _images()
  variables = flax(5, **options).init(KEY, x)
  shapes = lambda tree: jax.tree.map(lambda leaf: leaf.shape, tree)
  assert shapes(ours(5, **options).init(KEY, x)) == shapes(variables)
  value = lambda module: (
    lambda variables: jnp.sum(jnp.sin(module(5, **options).apply(variables, x)))
  )
  got, want = (
    jax.jit(jax.value_and_grad(value(module)))(variables) for module in (ours, flax)
  )
  jax.tree.map(
    lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4), got, want
  )


@pytest.mark.parametrize(
  "options", [dict(momentum=0.9), dict(momentum=0.99, epsilon=1e-3)]
)
def test_batch_norm_is_flax_batch_norm(options):
  x = _images()

  @functools.partial(jax.jit, static_argnums=0)
  def run(kind, x):
    train, infer = (kind(use_running_average=y, **options) for y in (False, True))
    apply = lambda x: train.apply(variables, x, mutable=["batch_stats"])
    variables = train.init(KEY, x)
    trained, updates = apply(x)
    slope = jax.grad(lambda x: jnp.sum(jnp.sin(apply(x)[0])))(x)
    return variables, trained, updates, slope, infer.apply(variables | updates, x)

  jax.tree.map(
    lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5),
    run(layers.BatchNorm, x),
    run(nn.BatchNorm, x),
  )


def test_batch_norm_keeps_float32_statistics_of_bfloat16():
  x = _images().astype(jnp.bfloat16)
  module = layers.BatchNorm(use_running_average=False)
  y, variables = module.init_with_output(KEY, x)
  assert y.dtype == jnp.bfloat16
  assert {leaf.dtype for leaf in jax.tree.leaves(variables)} == {jnp.dtype("float32")}


def test_spectral_norm_comes_to_the_largest_singular_value():
  x = _images()
  module = layers.Conv(7, (3, 3), spectral=True, use_bias=False)
  variables = module.init(KEY, x)
  iterate = jax.jit(lambda variables: module.apply(variables, x, mutable=["spectral"]))
  for _ in range(100):
    variables = variables | iterate(variables)[1]
  kernel = variables["params"]["kernel"]
  largest = np.linalg.svd(np.asarray(kernel).reshape(-1, 7), compute_uv=False)[0]
  plain = layers.Conv(7, (3, 3), use_bias=False)
  want = plain.apply({"params": {"kernel": kernel / largest}}, x)
  np.testing.assert_allclose(module.apply(variables, x), want, rtol=1e-3, atol=1e-4)


def test_torch_uniform_has_pytorch_bounds():
  kernel = layers.torch_uniform(25)(KEY, (4, 4, 8, 512))
  assert 0.99 / 5 < np.abs(kernel).max() <= 1 / 5
