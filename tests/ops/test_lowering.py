"""Our convolutions on CPU against XLA's own, in every derivative."""

import jax
from jax import lax
import jax.numpy as jnp
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P
import numpy as np
import pytest

from jaxgan.engine import sharding
from jaxgan.ops import lowering, winograd
from jaxgan.ops.geometry import Geometry

NHWC = ("NHWC", "HWIO", "NHWC")
OURS = {"conv": lowering.conv, "conv_transpose": lowering.conv_transpose}


def _native(kind, x, kernel, *, strides, padding):
  plain = {"conv": lax.conv_general_dilated, "conv_transpose": lax.conv_transpose}
  return plain[kind](x, kernel, strides, padding, dimension_numbers=NHWC)


def _ours(kind, x, kernel, **sizes):
  return OURS[kind](x, kernel, **sizes)


def _data(size, channels, features, kernel, n=2):
  random = np.random.default_rng(0)
  draw = lambda *shape: jnp.asarray(random.normal(size=shape), jnp.float32)
  return draw(n, *size, channels), draw(*kernel, channels, features)


def _everything(f, kind, x, kernel, **sizes):
  """Value, both gradients, forward mode, and the gradient of a gradient's penalty."""
  call = lambda x, kernel: f(kind, x, kernel, **sizes)
  y, pull_back = jax.vjp(call, x, kernel)
  weights = jnp.cos(jnp.arange(y.size, dtype=jnp.float32)).reshape(y.shape)

  def penalty(kernel):
    slope = jax.grad(lambda x: jnp.sum(jnp.tanh(call(x, kernel)) * weights))(x)
    return jnp.sum(jnp.sqrt(1 + slope**2))

  along = jax.jvp(call, (x, kernel), (x + 1, kernel - 1))[1]
  return y, pull_back(weights), along, jax.grad(penalty)(kernel)


def _assert_close(got, want):
  for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
    np.testing.assert_allclose(a, b, atol=1e-4 * float(jnp.std(b) + 1e-3), rtol=1e-4)


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize("filtered", [False, True])
@pytest.mark.parametrize(
  ("size", "kernel", "strides", "padding"),
  [
    ((8, 8), (4, 4), (2, 2), "SAME"),
    ((9, 12), (4, 4), (2, 2), ((1, 1), (1, 1))),
    ((11, 7), (3, 3), (1, 1), "SAME"),
    ((12, 9), (5, 5), (3, 3), "SAME"),
    ((9, 9), (3, 3), (2, 2), "VALID"),
    ((13, 10), (3, 2), (2, 1), ((2, 0), (0, 3))),
    ((14, 11), (9, 9), (1, 1), "VALID"),
  ],
)
def test_equals_the_native_convolution(
  kind, filtered, size, kernel, strides, padding, monkeypatch
):
  if filtered:  # Also where it would not pay.
    monkeypatch.setattr(
      lowering,
      "_minimal",
      lambda dtype, c, f, geometry: winograd.products(geometry) < 99,
    )
  x, w = _data(size, 3, 4, kernel)
  sizes = dict(strides=strides, padding=padding)
  got = jax.jit(lambda x, w: _everything(_ours, kind, x, w, **sizes))(x, w)
  want = jax.jit(lambda x, w: _everything(_native, kind, x, w, **sizes))(x, w)
  _assert_close(got, want)


@pytest.mark.parametrize("kind", OURS)
def test_what_dcgan_uses_is_filtered_and_equal(kind):
  x, w = _data((8, 8), 64, 128, (4, 4))
  sizes = dict(strides=(2, 2), padding="SAME")
  ours = jax.jit(lambda x, w: _ours(kind, x, w, **sizes))
  assert "convolution" not in ours.lower(x, w).as_text()  # Only matmuls.
  _assert_close(ours(x, w), _native(kind, x, w, **sizes))


@pytest.mark.parametrize(
  ("size", "channels", "features", "kernel", "padding"),
  [
    ((9, 12), 16, 3, (3, 3), "VALID"),
    ((9, 12), 16, 1, (3, 2), ((2, 0), (0, 3))),
    ((8, 11), 3, 20, (5, 5), "SAME"),
    ((82, 84), 64, 64, (3, 3), "VALID"),
  ],
)
def test_forms_for_few_channels_and_for_large_images(
  size, channels, features, kernel, padding
):
  x, w = _data(size, channels, features, kernel, n=1)
  sizes = dict(strides=(1, 1), padding=padding)
  both = [
    jax.jit(lambda x, w, f=f: _everything(f, "conv", x, w, **sizes))
    for f in (_ours, _native)
  ]
  _assert_close(*(f(x, w) for f in both))
  # The first two are all matmuls; the others are in some of the derivatives.
  text = jax.jit(lambda x, w: _ours("conv", x, w, **sizes)).lower(x, w).as_text()
  assert ("convolution" in text) == (channels == 3)


@pytest.mark.parametrize("kind", OURS)
@pytest.mark.parametrize(("channels", "features"), [(3, 8), (8, 3), (32, 40)])
@pytest.mark.parametrize(
  ("size", "kernel", "padding"),
  [((14, 11), (9, 9), "VALID"), ((9, 16), (5, 7), ((2, 1), (4, 0)))],
)
def test_shifted_matmuls_are_equal(kind, channels, features, size, kernel, padding):
  x, w = _data(size, channels, features, kernel)
  sizes = dict(strides=(1, 1), padding=padding)
  got = jax.jit(lambda x, w: _everything(_ours, kind, x, w, **sizes))(x, w)
  want = jax.jit(lambda x, w: _everything(_native, kind, x, w, **sizes))(x, w)
  _assert_close(got, want)


@pytest.mark.parametrize("kind", OURS)
def test_vmap_and_bfloat16(kind):
  x, w = _data((8, 8), 3, 4, (4, 4), n=6)
  sizes = dict(strides=(2, 2), padding="SAME")
  parts = x.reshape(3, 2, 8, 8, 3)
  got = jax.vmap(lambda x: _ours(kind, x, w, **sizes))(parts)
  _assert_close(got.reshape(6, *got.shape[2:]), _native(kind, x, w, **sizes))
  low = _ours(kind, x.astype(jnp.bfloat16), w.astype(jnp.bfloat16), **sizes)
  assert low.dtype == jnp.bfloat16
  want = _native(kind, x.astype(jnp.bfloat16), w.astype(jnp.bfloat16), **sizes)
  np.testing.assert_array_equal(low.astype(jnp.float32), want.astype(jnp.float32))


def test_eight_devices_compute_what_one_does():
  x, w = _data((8, 8), 64, 128, (4, 4), n=8)
  mesh = sharding.make_mesh(8)
  sizes = dict(strides=(2, 2), padding="SAME")
  grads = jax.jit(jax.grad(lambda w, x: jnp.sum(lowering.conv(x, w, **sizes) ** 2)))
  split = jax.device_put(x, NamedSharding(mesh, P("data")))
  whole = jax.device_put(w, sharding.replicated(mesh))
  _assert_close(grads(whole, split), grads(w, x))


@pytest.mark.parametrize("kind", OURS)
def test_shapes_that_do_not_fit_are_named(kind):
  x, w = _data((8, 8), 3, 4, (4, 4))
  with pytest.raises(ValueError, match=r"\(2, 8, 8, 3\)"):
    OURS[kind](x, w[:, :, :2], strides=(1, 1), padding="SAME")


@pytest.mark.parametrize(
  ("kernel", "stride", "share"),
  [
    (4, 2, 9 / 16),
    (3, 1, 4 / 9),
    (3, 2, 1.0),
    (5, 3, 81 / 100),
    (1, 1, 1.0),
    (9, 1, float("inf")),
  ],
)
def test_share_of_products(kernel, stride, share):
  sizes = Geometry((16, 16), (kernel,) * 2, (stride,) * 2, ((1, 1), (1, 1)))
  np.testing.assert_allclose(winograd.products(sizes), share)
