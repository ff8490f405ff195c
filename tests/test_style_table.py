"""The published comparison: multiply-accumulates by hand, and the table's form."""

import jax
import jax.numpy as jnp

from benchmarks import style_table
from jaxgan.features import vgg
from jaxgan.nets import stylizer


def test_macs_of_the_network_and_of_vgg():
  photo = jax.ShapeDtypeStruct((1, 256, 256, 3), jnp.float32)
  label = jax.ShapeDtypeStruct((1,), jnp.int32)
  net = stylizer.Stylizer(1)
  params = jax.eval_shape(net.init, jax.random.key(0), photo, label)
  # Of the two 9x9, two strided, ten residual and two growing convolutions.
  pixels = 256 * 256
  want = 2 * 81 * 3 * 32 * pixels + 9 * (
    32 * 64 * pixels // 4 + 64 * 128 * pixels // 16
  )
  want += 10 * 9 * 128 * 128 * pixels // 16
  want += 9 * (128 * 64 * pixels // 4 + 64 * 32 * pixels)
  assert style_table.count_macs(net.apply, params, photo, label) == want
  assert round(want / 1e9, 2) == 10.08  # As published sizes give it.
  weights = jax.eval_shape(style_table.random_vgg, jax.random.key(0))
  macs = style_table.count_macs(
    lambda params, x: vgg.activations(params, x, style_table.LAYERS), weights, photo
  )
  assert round(macs / 1e9, 2) == 18.23


def test_table():
  rows = [
    {"method": "Gatys", "seconds": 500.0, "macs": 18e12, "bytes": (0, 0)},
    {"method": "One", "seconds": 0.5, "macs": 10e9, "bytes": (6_710_552, 7e6)},
  ]
  text = style_table.markdown(rows, 256).splitlines()
  assert text[2] == "| Gatys | 500 | 1.25e+04 | none | none | 18,000.00 | 1000 |"
  assert text[3] == "| One | 0.5 | 12.5 | 6.71 | 7.00 | 10.00 | 1 |"
