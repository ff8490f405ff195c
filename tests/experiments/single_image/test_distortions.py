"""Harmonization's and editing's augmentations: how often, how large, exactly what."""

import colorsys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.experiments.single_image import distortions

COUNT = 3_000
SIZE = (72, 100)


def _image(*size, seed=0):
  """In [-1, 1], nowhere so dark that a black image could be mistaken for it."""
  return np.random.default_rng(seed).uniform(-0.8, 0.9, (*size, 3)).astype(np.float32)


def _changed(name, limit=255.0):
  """`(key, image) -> image` of one operation."""
  return distortions._limited(distortions.OPERATIONS[name], limit)


@pytest.fixture(scope="module")
def changes():
  """`changes[variant](number of an operation, key)`: an image changed, in [0, 255]."""
  x = (jnp.asarray(_image(6, 5)) + 1) * 127.5
  return {
    variant: jax.jit(
      lambda index, key, clips=variant == "reference": distortions._change_colors(
        index, key, x, clips
      )
    )
    for variant in distortions.VARIANTS
  }


def test_a_tenth_of_the_references_images_are_black(changes):
  names = list(distortions.OPERATIONS)
  black = [
    name
    for i, name in enumerate(names, 1)
    if changes["reference"](i, jax.random.key(i)).max() <= 1.0001
  ]
  assert black == ["multiply", "noise", "sepia", "shift_hsv"]
  share = 0.25 * sum(distortions.OPERATIONS[name].weight for name in black)
  # As the specification says.
  assert share == pytest.approx(0.25 * (5 / 16 * 7 / 12 + 5 / 16 / 2 + 1 / 16))
  assert share == pytest.approx(0.1003, abs=1e-4)


def test_each_operation_has_its_number(changes):
  x, run = (_image(6, 5) + 1) * 127.5, changes["fixed"]
  key = jax.random.key(0)
  np.testing.assert_array_equal(run(0, key), x)
  number = {name: i for i, name in enumerate(distortions.OPERATIONS, 1)}
  got = {name: np.asarray(run(i, key)) for name, i in number.items()}
  for image in got.values():
    assert 20 < image.mean() < 235
    assert 0 <= image.min() <= image.max() <= 255
  np.testing.assert_allclose(got["invert"], 255 - x)
  assert sorted((got["drop_channel"] == 0).all((0, 1))) == [False, False, True]
  np.testing.assert_allclose(np.sort(got["shuffle_channels"]), np.sort(x))
  inner = ((x > 50) & (x < 205)).all(-1)  # Where nothing is clipped.
  assert np.ptp(got["gray_noise"] - x, axis=-1)[inner].max() < 1e-3
  assert np.ptp(got["noise"] - x, axis=-1)[inner].max() > 1
  assert np.abs(got["multiply"] / x - 1).max() <= 0.5001


def test_how_often_operations_are_chosen():
  keys = jax.random.split(jax.random.key(0), 20_000)
  drawn = jax.jit(jax.vmap(distortions._draw_operation))(keys)
  share = np.bincount(drawn, minlength=9) / len(keys)
  expected = np.array(
    [0.75, 5 / 96 / 4, 25 / 192 / 4, 25 / 192 / 4, *[5 / 32 / 4] * 4, 1 / 64]
  )
  assert expected.sum() == pytest.approx(1)
  np.testing.assert_allclose(share, expected, atol=5 * np.sqrt(0.25 / len(keys)))
  np.testing.assert_allclose(share[1:], expected[1:], atol=0.006)


def test_sepia_is_the_usual_matrix():
  got = _changed("sepia")(None, jnp.full((1, 1, 3), 100.0))
  np.testing.assert_allclose(got[0, 0], [135.1, 120.3, 93.7], rtol=1e-5)


@pytest.mark.parametrize(
  ("name", "low", "high", "shared"),
  (("noise", 10, 50, False), ("gray_noise", 2.55**2, 12.75**2, True)),
)
def test_additive_noise(name, low, high, shared):
  run = jax.jit(jax.vmap(_changed(name), (0, None)))
  x = jnp.full((40, 40, 3), 128.0)
  noise = np.asarray(run(jax.random.split(jax.random.key(1), 200), x)) - 128
  assert (np.ptp(noise, axis=-1).max() < 1e-4) == shared
  variances = noise.var((1, 2, 3))
  assert 0.85 * low < variances.min() < 1.4 * low
  assert 0.75 * high < variances.max() < 1.15 * high


def test_multiplicative_noise():
  x = jnp.full((50, 50, 3), 100.0)
  got = _changed("multiply")(jax.random.key(0), x)
  np.testing.assert_allclose(
    [got.min(), got.max(), got.mean()], [50, 150, 100], atol=1.5
  )


def test_channel_operations():
  x = jnp.asarray(_image(4, 4) + 1) * 100
  drop = _changed("drop_channel")
  mix = _changed("shuffle_channels")
  dropped, orders = set(), set()
  for i in range(60):
    got = np.asarray(drop(jax.random.key(i), x))
    dropped.add(int(np.flatnonzero(got.max((0, 1)) == 0).item()))
    got = np.asarray(mix(jax.random.key(i), x))
    orders.add(
      tuple(
        int(np.abs(got[..., [c]] - np.asarray(x)).sum((0, 1)).argmin())
        for c in range(3)
      )
    )
  assert dropped == {0, 1, 2}
  assert len(orders) == 6


def test_hsv_is_pythons():
  x = np.random.default_rng(3).integers(0, 256, (40, 3)).astype(np.float32)
  x[0], x[1], x[2] = 0, 77, 255  # Grays have no hue.
  hue, saturation, value = distortions.to_hsv(jnp.asarray(x))
  want = np.array([colorsys.rgb_to_hsv(*row / 255) for row in x.astype(float)])
  np.testing.assert_allclose(hue / 360, want[:, 0], atol=1e-5)
  np.testing.assert_allclose(saturation, want[:, 1], atol=1e-6)
  np.testing.assert_allclose(value / 255, want[:, 2], atol=1e-6)
  np.testing.assert_allclose(
    distortions.from_hsv(hue - 720, saturation, value), x, atol=2e-2
  )


def test_hsv_shift_of_black_and_white_stays_gray_enough():
  x = jnp.stack([jnp.zeros((2, 3)), jnp.full((2, 3), 255.0)])
  for i in range(10):
    got = _changed("shift_hsv")(jax.random.key(i), x)
    # Saturation and value move by at most 30 and 20 of 255.
    assert np.abs(np.asarray(got - x)).max() <= 51
  got = _changed("shift_hsv", 1.0)(jax.random.key(0), x)
  assert got.max() <= 1


def test_holes():
  run = jax.jit(jax.vmap(distortions._cut_out, (0, None)))
  x = jnp.full((*SIZE, 3), -7.0)  # No color of a hole.
  images = np.asarray(run(jax.random.split(jax.random.key(2), 400), x))
  hole = (images != -7).all(-1)
  assert abs(hole.any((1, 2)).mean() - 0.9) < 0.06  # Some lie outside altogether.
  heights = hole.any(2).sum(1)
  assert heights.max() <= 60
  assert heights[heights > 0].min() >= 1
  for image, inside in zip(images, hole, strict=True):
    assert len(np.unique(image[inside], axis=0)) <= 1  # One color.
  colors = np.array(
    [
      image[inside][0]
      for image, inside in zip(images, hole, strict=True)
      if inside.any()
    ]
  )
  np.testing.assert_allclose(colors.mean(0), 127.5, atol=12)
  # One hole is U{30..60} wide, two are U{15..30}: even sides, cut by the border.
  whole = [
    inside
    for inside in hole
    if not (
      inside[0].any() or inside[-1].any() or inside[:, 0].any() or inside[:, -1].any()
    )
  ]
  areas = np.array([inside.sum() for inside in whole])
  assert areas.max() <= 60 * 60
  assert areas[areas > 0].min() >= 14 * 14


def test_whole_augmentation_keeps_range_and_can_leave_an_image_alone():
  x = jnp.asarray(_image(*SIZE))
  run = jax.jit(jax.vmap(lambda key: distortions.harmonization(key, x)))
  images = np.asarray(run(jax.random.split(jax.random.key(3), 200)))
  assert images.shape == (200, *SIZE, 3)
  assert images.min() >= -1
  assert images.max() <= 1
  untouched = np.abs(images - x).max((1, 2, 3)) < 1e-5
  assert 0.02 < untouched.mean() < 0.2  # 0.75 * 0.1, and holes outside.


def test_gray_images_keep_what_only_colors_can_lose():
  x = jnp.asarray(_image(*SIZE)[..., :1])
  for name in ("sepia", "drop_channel", "shuffle_channels", "shift_hsv"):
    run = _changed(name)
    np.testing.assert_array_equal(run(jax.random.key(0), x), x)
  inverted = _changed("invert")(None, x + 1)
  np.testing.assert_allclose(inverted, 254 - x)


def test_paste_copies_out_of_the_original():
  image = _image(20, 30)
  tiles = np.array(
    [
      [[2, 3], [5, 6], [4, 5]],
      [[4, 5], [3, 9], [0, 1]],
      [[0, 0], [9, 9], [11, 21]],
      [[5, 5], [4, 4], [0, 0]],
      [[5, 5], [4, 4], [0, 0]],
    ]
  )
  want = image.copy()
  for (y, x), (h, w), (to_y, to_x) in tiles[:3]:
    want[to_y : to_y + h, to_x : to_x + w] = image[y : y + h, x : x + w]
  got = jax.jit(distortions.paste)(image, jnp.asarray(tiles), 3)
  np.testing.assert_array_equal(got, want)


def test_tiles():
  keys = jax.random.split(jax.random.key(5), COUNT)
  tiles, counts = jax.jit(
    jax.vmap(lambda key: distortions.draw_tiles(key, (100, 200)))
  )(keys)
  corner, size, target = np.moveaxis(np.asarray(tiles), 2, 0)
  counts = np.asarray(counts)
  np.testing.assert_allclose(np.bincount(counts)[1:] / COUNT, 0.2, atol=0.03)
  extent = np.array([100, 200])
  assert (corner >= 0).all()
  assert (target >= 0).all()
  assert (corner + size <= extent).all()
  assert (target + size <= extent).all()
  free = (corner + size < extent).all(-1)  # Not cut by the border.
  for count, low, high in (
    (1, 0.2, 0.5),
    (2, 0.15, 0.3),
    (3, 0.1, 0.2),
    (5, 0.1, 0.15),
  ):
    share = (size / extent)[free & (counts == count)[:, None]]
    np.testing.assert_allclose([share.min(), share.max()], [low, high], atol=0.021)
  shift = (target - corner)[counts == 1]
  assert np.abs(shift).max(0).max(0).tolist() == [15, 30]
  assert (shift.prod(-1) >= 0).all()  # Both back or both forth.
  back = (shift < 0).all(-1).mean()
  assert 0.4 < back < 0.55  # Half, less what the border stops.


def test_shuffle_moves_something_and_invents_nothing():
  image = _image(40, 60)
  got = np.asarray(jax.jit(distortions.shuffle)(jax.random.key(1), image))
  assert (got != image).any()
  known = {tuple(pixel) for pixel in image.reshape(-1, 3)}
  assert {tuple(pixel) for pixel in got.reshape(-1, 3)} <= known
