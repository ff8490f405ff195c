"""Images in parts, normalized as the whole: CycleGAN's and CUT's generators."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.experiments.shared import pass_schedule, passes
from jaxgan.nets import cyclegan, stylizer

CUT = dict(upsample="bilinear", downsample="blur")


def _generator(**options):
  """A narrow generator whose weights are random, biases too."""
  net = cyclegan.Generator(width=2, blocks=2, **options)
  shapes = jax.eval_shape(net.init, jax.random.key(0), jnp.zeros((1, 16, 16, 3)))
  random = np.random.default_rng(0)
  draw = lambda x: random.normal(size=x.shape, scale=0.1).astype(np.float32)
  return net, jax.tree.map(draw, shapes["params"])


@pytest.mark.parametrize(
  "options", [pytest.param({}, marks=pytest.mark.slow), CUT], ids=["cyclegan", "cut"]
)
def test_parts_are_of_the_whole(options, tmp_path):
  net, params = _generator(**options)
  image = np.random.default_rng(1).integers(0, 256, (72, 56, 3)).astype(np.uint8)
  image[:36, :28] //= 8  # Statistics of parts would differ.
  want = passes.whole(net, params, image[None])[0]
  got = np.zeros_like(want)
  run = passes.Passes(net, params, image, lambda tile: None, tmp_path, core=8)
  for (top, bottom, left, right), part in run.parts():
    got[top:bottom, left:right] = part
  assert want.std() > 0.1
  np.testing.assert_allclose(got, want, atol=1e-5)
  alone = passes.whole(net, params, image[None, :32, :32])[0]
  assert np.abs(alone - want[:32, :32]).mean() > 0.01


def test_the_schedule_of_the_style_network():
  layers = stylizer.Stylizer(1).plan()
  plan = pass_schedule.schedule(layers)
  assert plan.sides == (4, 2, *[1] * 11, 2, 4, 4)
  assert (plan.first, plan.last, plan.measured) == (3, 13, 16)
  assert [plan.begin(stop) for stop in (1, 3, 4, 13, 14, 16)] == [0, 0, 3, 12, 13, 13]
  assert pass_schedule.reach(layers) == 13


@pytest.mark.parametrize("blocks", [6, 9])
def test_the_schedule_of_the_translators(blocks):
  for options, first, most in (({}, 3, 9), (CUT, 4, 13)):
    layers = cyclegan.Generator(blocks=blocks, **options).plan()
    plan = pass_schedule.schedule(layers)
    assert plan.measured == 2 * blocks + 5 == len(layers) - 1
    assert (plan.first, plan.last) == (first, 2 * blocks + 3)
    assert pass_schedule.reach(layers) == most
