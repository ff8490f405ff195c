"""CycleGAN's and CUT's networks: published sizes, and PyTorch's numbers."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.nets import cyclegan

CUT = dict(upsample="bilinear", downsample="blur")
VARIANTS = {"cyclegan": {}, "cut": CUT}


def _shapes(net, *inputs):
  return jax.eval_shape(net.init, jax.random.key(0), *inputs)["params"]


def _count(net, *inputs):
  return sum(x.size for x in jax.tree.leaves(_shapes(net, *inputs)))


IMAGE = np.zeros((1, 32, 32, 3), np.float32)


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize(
  ("width", "nine", "six", "judge", "heads"),
  [
    (64, 11_378_179, 7_837_699, 2_764_737, 560_384),
    (32, 2_850_563, 1_965_059, 694_241, 445_696),
    (16, 715_651, 494_083, 175_089, 388_352),
  ],
)
def test_published_parameter_counts(width, nine, six, judge, heads, options):
  for blocks, count in ((9, nine), (6, six)):
    assert _count(cyclegan.Generator(width, blocks, **options), IMAGE) == count
  down = options.get("downsample", "stride")
  assert _count(cyclegan.Discriminator(width, down), IMAGE) == judge
  taps = {
    name: np.zeros((1, 4, channels), np.float32)
    for name, channels in zip(
      cyclegan.TAPS, (3, *[2 * width], *[4 * width] * 3), strict=True
    )
  }
  assert _count(cyclegan.Heads(), taps) == heads


def _outputs(net, size, **options):
  variables = jax.eval_shape(net.init, jax.random.key(0), IMAGE)
  image = np.zeros((1, *size, 3), np.float32)
  return jax.eval_shape(lambda v: net.apply(v, image, **options), variables)


def test_shapes():
  """The taps of anti-aliased layers are twice as large, being before the blur."""
  for options, factor in (({}, 1), (CUT, 2)):
    translated, shown = _outputs(
      cyclegan.Generator(**options), (256, 256), mutable=["taps"]
    )
    assert translated.shape == (1, 256, 256, 3)
    assert {name: x.shape[1:] for name, x in shown["taps"].items()} == {
      "pixels": (256, 256, 3),
      "down1": (factor * 128, factor * 128, 128),
      "down2": (factor * 64, factor * 64, 256),
      "block1": (64, 64, 256),
      "block5": (64, 64, 256),
    }
    judge = cyclegan.Discriminator(downsample=options.get("downsample", "stride"))
    for size, logits in (
      ((256, 256), (30, 30)),
      ((64, 64), (6, 6)),
      ((24, 32), (1, 2)),
    ):
      assert _outputs(judge, size).shape == (1, *logits, 1)
    with pytest.raises(ValueError, match="24 or more"):
      _outputs(judge, (23, 64))


def test_without_five_blocks_the_last_stands_in():
  _, shown = _outputs(cyclegan.Generator(8, 2), (32, 32), mutable=["taps"])
  assert set(shown["taps"]) == set(cyclegan.TAPS)
  assert {"residual2_2", "expand1"} <= set(_shapes(cyclegan.Generator(8, 2), IMAGE))


def _draw(shapes, scale=0.1, seed=0):
  random = np.random.default_rng(seed)
  draw = lambda x: random.normal(size=x.shape, scale=scale).astype(np.float32)
  return jax.tree.map(draw, shapes)


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
def test_equals_pytorch(options):
  """Both networks and all taps."""
  torch_cyclegan = pytest.importorskip("tests.nets.torch_cyclegan")
  to_torch, last = torch_cyclegan.to_torch, lambda x: x.permute(0, 2, 3, 1).numpy()
  blurs, images = bool(options), np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3))
  images = images.astype(np.float32)
  channels_first = to_torch(images).permute(0, 3, 1, 2)
  net = cyclegan.Generator(4, 3, **options)
  params = _draw(_shapes(net, IMAGE))
  got, shown = jax.jit(functools.partial(net.apply, mutable=["taps"]))(
    {"params": params}, images
  )
  want, taps = torch_cyclegan.generator(to_torch(params), channels_first, 3, blurs)
  np.testing.assert_allclose(got, last(want), atol=1e-4)
  for name, x in shown["taps"].items():
    np.testing.assert_allclose(x, last(taps[name]), atol=1e-4, err_msg=name)
  judge = cyclegan.Discriminator(4, options.get("downsample", "stride"))
  params = _draw(_shapes(judge, IMAGE))
  logits = jax.jit(judge.apply)({"params": params}, images)
  want = torch_cyclegan.discriminator(to_torch(params), channels_first, blurs)
  np.testing.assert_allclose(logits, last(want), atol=1e-4)


def test_heads_are_two_layers_and_vectors_of_length_1():
  x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
  heads = cyclegan.Heads(8)
  params = _draw(_shapes(heads, {"pixels": x}))
  got = heads.apply({"params": params}, {"pixels": x})["pixels"]
  first, second = params["pixels_1"], params["pixels_2"]
  want = np.maximum(x @ first["kernel"] + first["bias"], 0)
  want = want @ second["kernel"] + second["bias"]
  want /= np.linalg.norm(want, axis=-1, keepdims=True) + 1e-7
  np.testing.assert_allclose(got, want, atol=1e-6)
  zeros = {"params": jax.tree.map(jnp.zeros_like, params)}
  slope = jax.jit(
    jax.grad(lambda zeros: heads.apply(zeros, {"pixels": x})["pixels"].sum())
  )(zeros)
  assert all(np.isfinite(x).all() for x in jax.tree.leaves(slope))
