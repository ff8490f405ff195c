"""Each operation that has a translation to ONNX gives what JAX gives."""

import jax
from jax import lax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.experiments.shared import exportable
from jaxgan.formats import onnx
from jaxgan.nets import layers
from jaxgan.ops import doubling

KERNEL = np.random.default_rng(0).normal(size=(4, 4, 3, 2)).astype(np.float32)
TABLE = np.arange(12, dtype=np.float32).reshape(4, 3)
DIMENSIONS = ("NHWC", "HWIO", "NHWC")


def conv(x, strides=(1, 1), padding="SAME"):
  return lax.conv_general_dilated(
    x, KERNEL, strides, padding, dimension_numbers=DIMENSIONS
  )


def grown(x, stride, padding):
  return lax.conv_transpose(
    x, KERNEL, (stride, stride), padding, dimension_numbers=DIMENSIONS
  )


OPERATIONS = {  # Of images [n, h, w, 3].
  "broadcast": lambda x: jnp.broadcast_to(x[:, :1], x.shape) + x.mean(),
  "clip": lambda x: jnp.clip(x, -0.5, 0.5),
  "compare": lambda x: jnp.where((x > 0) & ~(x >= 1) | (x < -1), x, x**2),
  "concatenate": lambda x: jnp.concatenate([x, x[:, :2] - 1], 1),
  "constant": lambda x: x * jnp.arange(5, dtype=jnp.float32)[:, None],
  "convolution": conv,
  "convolution, strided": lambda x: conv(x, (2, 1), ((1, 2), (0, 3))),
  "dtypes": lambda x: (x * 9).astype(jnp.int32).astype(jnp.float32),
  "einsum": lambda x: jnp.einsum("wW,nhWc->nhwc", jnp.ones((3, 5)), x),
  "elu, selu": lambda x: jax.nn.elu(x) + jax.nn.selu(x),
  "embedding": lambda x: jnp.asarray(TABLE)[(x.sum((1, 2, 3)) > 0).astype(jnp.int32)],
  "exponentials": lambda x: jnp.exp(x) + jnp.log(jnp.abs(x) + 1) + jnp.sqrt(x * x + 1),
  "flip": lambda x: jnp.flip(x, (1, 3)),
  "instance norm": lambda x: (
    (x - x.mean((1, 2), keepdims=True)) * lax.rsqrt(x.var() + 1)
  ),
  "leaky relu": lambda x: jax.nn.leaky_relu(x, 0.2),
  "matmul": lambda x: (
    x @ TABLE.T + x.reshape(x.shape[0], -1).sum(-1)[:, None, None, None]
  ),
  "pad": lambda x: jnp.pad(x, ((0, 0), (1, 2), (0, 3), (0, 0))),
  "powers": lambda x: x**3 + jnp.square(x) - jnp.power(jnp.abs(x), 1.5),
  "reflect": lambda x: layers.reflect_pad(x, 2),
  "repeat": lambda x: x.repeat(2, 1).repeat(2, 2),
  "round": lambda x: jnp.round(4 * x) + jnp.floor(x),
  "slice": lambda x: lax.slice_in_dim(x[:, :, :, 1:], 1, x.shape[1] - 1, axis=1),
  "stack": lambda x: jnp.stack([x, -x], 2).sum((2, 4)),
  "tanh, sigmoid": lambda x: jnp.tanh(x) - jax.nn.sigmoid(x) / jnp.maximum(x, 1),
  "transpose": lambda x: x.transpose(0, 2, 3, 1).reshape(x.shape[0], -1),
  "transposed convolution": lambda x: grown(x, 2, "SAME"),
  "transposed convolution, cut": lambda x: grown(x, 3, "VALID"),
  "upsampling": doubling.bilinear,
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation(name, tmp_path):
  shape = exportable.BATCH, exportable.Free("height", 2, least=2), 5, 3
  given = exportable.Array("x", shape, "normal")
  path = tmp_path / "x.onnx"
  rank = len(jax.eval_shape(OPERATIONS[name], jnp.zeros((1, 4, 5, 3))).shape)
  result = exportable.Array("images", ("n", "h", "w", "c", "d")[:rank], "image")
  function = lambda _, x: OPERATIONS[name](x)
  path.write_bytes(
    onnx.create(exportable.Exportable(function, {}, (given,), result), {})
  )
  call = onnx.load(path)
  for count in (1, 3):
    x = np.random.default_rng(count).normal(size=(count, 4, 5, 3)).astype(np.float32)
    want = np.asarray(OPERATIONS[name](x))
    np.testing.assert_allclose(call(x), want, rtol=1e-4, atol=1e-5)
