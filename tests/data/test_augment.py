"""Flips and differentiable augmentation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.data import augment

KEY = jax.random.key(0)
flip = jax.jit(augment.flip)
diff_augment = jax.jit(augment.diff_augment, static_argnums=2)
POLICY = "color,translation,cutout"


def make_images(n=32, h=16, w=24, c=3):
  values = np.random.RandomState(0).uniform(-1, 1, (n, h, w, c))
  return jnp.asarray(values, jnp.float32)


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.uint8])
def test_flip_mirrors_about_half_of_the_images(dtype):
  images = (100 + 100 * make_images(200)).astype(dtype)
  got = flip(KEY, images)
  assert got.dtype == dtype
  same = (got == images).all((1, 2, 3))
  mirrored = (got == images[:, :, ::-1]).all((1, 2, 3))
  assert (same ^ mirrored).all()
  assert 70 < mirrored.sum() < 130
  assert (flip(jax.random.key(1), images) != got).any()


def test_policy_words():
  images = make_images()
  np.testing.assert_array_equal(diff_augment(KEY, images, ""), images)
  with pytest.raises(ValueError, match="'colour' in policy"):
    diff_augment(KEY, images, "translation,colour")
  with pytest.raises(ValueError, match=r"\(16, 24, 3\)"):
    diff_augment(KEY, images[0], POLICY)


@pytest.mark.parametrize("policy", [POLICY, "color", "translation", "cutout"])
@pytest.mark.parametrize("channels", [1, 3])
def test_shape_and_key(policy, channels):
  images = make_images(c=channels)
  got = diff_augment(KEY, images, policy)
  assert got.shape == images.shape and got.dtype == images.dtype
  assert (got != images).any((1, 2, 3)).mean() > 0.9
  other = diff_augment(jax.random.key(1), images, policy)
  assert (other != got).any()


def test_images_change_differently():
  images = jnp.broadcast_to(make_images(1), (16, 16, 24, 3))
  for policy in ("color", "translation", "cutout"):
    got = np.asarray(diff_augment(KEY, images, policy))
    assert len({image.tobytes() for image in got}) > 8


def test_color_is_an_affine_change_around_the_means():
  """The parameters are solved from the result, and must lie in their ranges."""
  images = np.asarray(make_images(64), np.float64)
  got = np.asarray(diff_augment(KEY, jnp.float32(images), "color"), np.float64)
  brightness = (got - images).mean((1, 2, 3))
  assert abs(brightness).max() <= 0.5 and brightness.std() > 0.2
  gray, new_gray = images.mean(3), got.mean(3)
  centered = gray - gray.mean((1, 2), keepdims=True)
  new_centered = new_gray - new_gray.mean((1, 2), keepdims=True)
  contrast = (centered * new_centered).sum((1, 2)) / (centered**2).sum((1, 2))
  assert contrast.min() >= 0.5 and contrast.max() <= 1.5 and contrast.std() > 0.2
  tint, new_tint = images - gray[..., None], got - new_gray[..., None]
  both = (tint * new_tint).sum((1, 2, 3)) / (tint**2).sum((1, 2, 3))
  saturation = both / contrast
  assert saturation.min() >= -1e-5 and saturation.max() <= 2 and saturation.std() > 0.4
  shape = (-1, 1, 1)
  want_gray = centered * contrast.reshape(shape) + (
    gray.mean((1, 2)) + brightness
  ).reshape(shape)
  want = want_gray[..., None] + tint * both[:, None, None, None]
  np.testing.assert_allclose(got, want, atol=1e-5)


def test_translation_moves_whole_images_by_an_eighth_at_most():
  images = np.asarray(make_images(400))
  got = np.asarray(diff_augment(KEY, jnp.asarray(images), "translation"))
  padded = np.pad(images, ((0, 0), (2, 2), (3, 3), (0, 0)))
  seen = set()
  for image, moved in zip(padded, got, strict=True):
    hits = [
      (y, x)
      for y in range(5)
      for x in range(7)
      if (image[y : y + 16, x : x + 24] == moved).all()
    ]
    assert len(hits) == 1
    seen.add(hits[0])
  assert len(seen) == 35  # Every move occurs.


def test_cutout_blanks_one_rectangle_of_half_the_side():
  images = 1 + 0 * make_images(300)
  got = np.asarray(diff_augment(KEY, images, "cutout"))
  hole = got[..., 0] == 0
  np.testing.assert_array_equal(got, np.where(hole[..., None], 0, images))
  rows, columns = hole.any(2), hole.any(1)
  np.testing.assert_array_equal(hole, rows[:, :, None] & columns[:, None])
  for lines, side in ((rows, 16), (columns, 24)):
    lengths = lines.sum(1)
    assert lengths.max() == side // 2 and lengths.min() == side // 4
    assert (np.abs(np.diff(lines.astype(int), axis=1)).sum(1) <= 2).all()
    inside = ~lines[:, 0] & ~lines[:, -1]
    assert (lengths[inside] == side // 2).all()


@pytest.mark.parametrize("policy", [POLICY, "color", "translation", "cutout"])
def test_the_gradient_is_that_of_a_linear_map_plus_a_constant(policy):
  images, other = make_images(4), make_images(4)[::-1]

  def change(x):
    return diff_augment(KEY, x, policy)

  @jax.jit
  def differentiate(images, other):
    changed, backward = jax.vjp(change, images)
    _, forward = jax.jvp(change, (images,), (other,))
    return changed, forward, change(images + other), backward(images)[0]

  changed, forward, moved, gradient = differentiate(images, other)
  np.testing.assert_allclose(moved, changed + forward, rtol=1e-4, atol=1e-5)
  assert (jnp.abs(gradient).sum((1, 2, 3)) > 0).all()
  np.testing.assert_allclose(
    (gradient * other).sum(), (images * forward).sum(), rtol=1e-3
  )


def test_zoom_scales_a_part_of_half_to_all_of_the_side():
  """Of coordinates, whose steps and ends say which part."""
  y, x = np.mgrid[:32, :32].astype(np.float32)
  images = np.tile(np.stack([y, x], -1), (20, 1, 1, 1))
  got = np.asarray(jax.jit(augment.zoom, static_argnums=2)(KEY, images, 16))
  down, across = got[:, 12, 8, 0] - got[:, 3, 8, 0], got[:, 8, 12, 1] - got[:, 8, 3, 1]
  np.testing.assert_allclose(down, across, atol=1)
  assert 9 <= down.min() + 0.5 < 11 and 16 < down.max() <= 18.5
  assert got.min() >= 0 and got.max() <= 31
  assert np.ptp(got[:, 8, 8], axis=0).min() > 4  # At different places.


def test_recolored_images_have_other_colors_and_the_same_shapes():
  images = (make_images() + 1) / 2
  got = np.asarray(jax.jit(augment.recolor)(KEY, images))
  assert got.min() >= 0 and got.max() <= 1 and (got != images).all((1, 2, 3)).any()
  gray = jnp.repeat(images[..., :1], 3, 3)
  changed = np.asarray(augment.recolor(KEY, gray))
  np.testing.assert_allclose(changed, changed[..., :1] * np.ones(3), atol=1e-5)
  # Lighter pixels of gray stay lighter.
  for before, after in zip(np.asarray(gray), changed, strict=True):
    order = np.argsort(before[..., 0].ravel())
    assert (np.diff(after[..., 0].ravel()[order]) >= -1e-6).all()
