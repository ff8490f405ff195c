"""Rows predicted from measurements: their number, their start, and mixtures."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.nets import style_predictor, stylizer

MEASURED = 2 * (64 + 128 + 256 + 512)  # Of relu1_2, relu2_2, relu3_3, relu4_3.


@pytest.mark.parametrize(
  ("width", "bottleneck", "count"),
  [(8, 64, 175_334), (8, 100, 273_506), (16, 100, 354_306), (32, 100, 515_906)],
)
def test_parameter_counts(width, bottleneck, count):
  norms = stylizer.Stylizer(1, width).norms()
  predictor = style_predictor.StylePredictor(norms, bottleneck)
  shapes = jax.eval_shape(predictor.init, jax.random.key(0), jnp.zeros((1, MEASURED)))
  assert sum(x.size for x in jax.tree.leaves(shapes)) == count


def test_rows_are_those_of_the_network_and_begin_like_them():
  net = stylizer.Stylizer(1, 4, initializer="quick")
  shapes = jax.eval_shape(
    net.init, jax.random.key(0), jnp.zeros((1, 16, 16, 3)), jnp.zeros(1, int)
  )["params"]
  predictor = style_predictor.StylePredictor(net.norms(), 5)
  measured = np.random.default_rng(0).normal(size=(3, 30)).astype(np.float32)
  measured[2] = 0.3 * measured[0] + 0.7 * measured[1]
  rows = jax.device_get(
    jax.jit(lambda x: predictor.init_with_output(jax.random.key(0), x)[0])(measured)
  )
  assert set(rows) == {name for name in shapes if name.endswith("_norm")}
  for name, channels, first in net.norms():
    assert shapes[name]["scale"].shape == (1, channels)
    np.testing.assert_allclose(rows[name]["scale"], first, atol=0.1)
    np.testing.assert_allclose(rows[name]["bias"], 0, atol=0.1)
    for table in rows[name].values():
      assert table.shape == (3, channels)
      # A mixture of measurements is the same mixture of rows.
      np.testing.assert_allclose(table[2], 0.3 * table[0] + 0.7 * table[1], atol=1e-6)
