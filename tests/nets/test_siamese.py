"""Quadrants, their seams, and both networks' options."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.nets import siamese


def _images(n=2, side=8):
  return np.random.default_rng(0).normal(size=(n, side, side, 3)).astype(np.float32)


def _count(tree):
  return sum(x.size for x in jax.tree.leaves(tree))


def test_quadrants_are_in_reading_order():
  x = _images()
  tiles = siamese.quadrants(x)
  assert tiles.shape == (8, 4, 4, 3)
  for i in range(2):
    for j, (top, left) in enumerate(((0, 0), (0, 4), (4, 0), (4, 4))):
      np.testing.assert_array_equal(
        tiles[4 * i + j], x[i, top : top + 4, left : left + 4]
      )
  np.testing.assert_array_equal(siamese.join(tiles), x)


def test_an_identity_generator_gives_the_image_itself():
  out, rest = siamese.translate_quadrants(lambda tiles: (tiles, "kept"), _images())
  np.testing.assert_array_equal(out, _images())
  assert rest == "kept"


def test_every_quadrant_depends_on_itself_alone():
  generator = siamese.Generator(width=4, base=4)
  x = _images(1, 16)
  variables = generator.init(jax.random.key(0), siamese.quadrants(x), train=False)
  out = lambda x: siamese.translate_quadrants(
    lambda tiles: (generator.apply(variables, tiles, train=False), None), x
  )[0]
  for top in (0, 8):
    for left in (0, 8):
      one = (slice(None), slice(top, top + 8), slice(left, left + 8))
      slope = np.array(jax.grad(lambda x, one=one: (out(x)[one] ** 2).sum())(x))
      assert np.abs(slope[one]).max() > 0
      slope[one] = 0
      np.testing.assert_array_equal(slope, 0)


def test_shapes_that_do_not_fit():
  with pytest.raises(ValueError, match="odd"):
    siamese.quadrants(np.zeros((1, 6, 5, 3)))
  with pytest.raises(ValueError, match="four"):
    siamese.join(np.zeros((6, 4, 4, 3)))
  with pytest.raises(ValueError, match="halved"):
    siamese.Generator().widths(48)
  with pytest.raises(ValueError, match="halved"):
    siamese.Generator().widths(8)


# Counted by hand: kernels 16 * in * out, biases of the first and last convolution,
# scale and bias of batch norm.
_KERNELS_64 = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 128 + 256 * 64 + 128 * 3)


@pytest.mark.parametrize(
  ("options", "side", "count"),
  [
    ({}, 64, _KERNELS_64 + 64 + 3 + 2 * (128 + 256 + 128 + 64)),
    ({}, 32, 16 * (3 * 64 + 64 * 128 + 128 * 64 + 128 * 3) + 67 + 2 * (128 + 64)),
    ({"norm": "spectral"}, 64, _KERNELS_64 + 64 + 128 + 256 + 128 + 64 + 3),
    ({"padding": "reflect"}, 64, _KERNELS_64 + 67 + 2 * 576),
    ({"blocks": 2}, 64, _KERNELS_64 + 67 + 2 * 576 + 4 * (9 * 256**2 + 2 * 256)),
    (
      {"upsample": "resize"},
      64,
      16 * (3 * 64 + 64 * 128 + 128 * 256)
      + 9 * (256 * 128 + 256 * 64 + 128 * 3)
      + 67
      + 2 * 576,
    ),
  ],
)
def test_generator_has_the_planned_parameters(options, side, count):
  generator = siamese.Generator(**options)
  x = jax.ShapeDtypeStruct((2, side, side, 3), jnp.float32)
  init = lambda x: generator.init(jax.random.key(0), x, train=False)
  variables = jax.eval_shape(init, x)
  assert _count(variables["params"]) == count
  out = jax.eval_shape(lambda v, x: generator.apply(v, x, train=False), variables, x)
  assert out.shape == x.shape


@pytest.mark.parametrize(
  "options",
  [
    {},
    {"norm": "spectral", "padding": "reflect", "blocks": 1},
    {"upsample": "resize", "padding": "reflect"},
    {"dtype": jnp.bfloat16},
  ],
)
def test_a_tile_is_translated_the_same_in_any_company(options):
  generator = siamese.Generator(width=4, base=4, **options)
  tiles = _images(6, 16)
  variables = generator.init(jax.random.key(0), tiles, train=True)
  run = jax.jit(lambda x: generator.apply(variables, x, train=False))
  alone = run(np.concatenate((tiles[:1], np.zeros_like(tiles[1:]))))
  np.testing.assert_allclose(run(tiles)[0], alone[0], atol=1e-6)
  assert run(tiles).dtype == jnp.float32
  assert np.abs(run(tiles)).max() <= 1


def test_padding_changes_the_edge_of_a_tile_alone():
  """One halving: what is 3 pixels from the edge never saw the padding."""
  x = _images(2, 16)
  variables = siamese.Generator(width=4).init(jax.random.key(0), x, train=False)
  zero, reflect = (
    siamese.Generator(width=4, padding=padding).apply(variables, x, train=False)
    for padding in ("zero", "reflect")
  )
  np.testing.assert_allclose(zero[:, 3:-3, 3:-3], reflect[:, 3:-3, 3:-3], atol=1e-6)
  assert np.abs(zero[:, 0] - reflect[:, 0]).max() > 1e-5


def test_batch_norm_sees_all_tiles_in_training():
  generator = siamese.Generator(width=4, base=4)
  tiles = _images(4, 16)
  variables = generator.init(jax.random.key(0), tiles, train=False)
  _, new = generator.apply(variables, tiles, train=True, mutable=["batch_stats"])
  for old, now in zip(
    jax.tree.leaves(variables["batch_stats"]),
    jax.tree.leaves(new["batch_stats"]),
    strict=True,
  ):
    assert np.abs(old - now).max() > 0


@pytest.mark.parametrize(
  ("side", "count"),
  [
    (
      128,
      16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512 * 512)
      + 64
      + 128
      + 256
      + 512
      + 512
      + 8192 * 128
      + 128,
    ),
    (32, 16 * (3 * 64 + 64 * 128 + 128 * 256) + 448 + 16 * 256 * 128 + 128),
  ],
)
def test_discriminator_has_the_planned_parameters(side, count):
  discriminator = siamese.Discriminator()
  x = jax.ShapeDtypeStruct((2, side, side, 3), jnp.float32)
  variables = jax.eval_shape(lambda x: discriminator.init(jax.random.key(0), x), x)
  assert _count(variables["params"]) == count
  out = jax.eval_shape(lambda v, x: discriminator.apply(v, x), variables, x)
  assert out.shape == (2, 128)


def test_spectral_norm_bounds_how_far_vectors_part():
  discriminator = siamese.Discriminator(vector=8, width=4)
  x = _images(2, 16)
  variables = discriminator.init(jax.random.key(0), x)
  for _ in range(30):
    _, state = discriminator.apply(variables, x, mutable=["spectral"])
    variables = variables | state
  a, b = discriminator.apply(variables, x)
  # A 4x4 stride-2 window sees each pixel four times: a factor of 2 a convolution.
  assert np.linalg.norm(a - b) <= 2**2 * np.linalg.norm(x[0] - x[1])
