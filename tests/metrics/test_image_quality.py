"""Saturation, sharpness and screening by hand-worked images and Pillow."""

import colorsys

import numpy as np
from PIL import Image, ImageFilter
import pytest

from jaxgan.metrics import image_quality


def draw(*shape, seed=0):
  return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_saturation_is_that_of_hsv():
  images = draw(2, 4, 5, 3)
  images[0, 0] = 0  # Black has none.
  want = [
    np.mean([colorsys.rgb_to_hsv(*pixel)[1] for pixel in image.reshape(-1, 3) / 255])
    for image in images
  ]
  np.testing.assert_allclose(image_quality.saturation(images), want, rtol=1e-5)


def test_saturation_of_gray_and_of_pure_colors():
  assert image_quality.saturation(draw(3, 4, 4, 1)).tolist() == [0, 0, 0]
  red = np.full((1, 4, 4, 3), (200, 0, 0), np.uint8)
  assert image_quality.saturation(red).tolist() == [1]


def test_sharpness_by_hand():
  image = np.zeros((1, 3, 4, 1), np.uint8)
  image[0, 1, 1] = 10  # Laplacian of the two inner pixels: -40 and 10.
  assert image_quality.sharpness(image) == pytest.approx(25**2)
  colored = np.zeros((1, 3, 4, 3), np.uint8)
  colored[0, 1, 1, 0] = 100  # Of luma 29.9.
  assert image_quality.sharpness(colored) == pytest.approx((2.99 * 25) ** 2)


def test_blur_lowers_sharpness():
  images = draw(2, 16, 16, 3)
  blurred = [
    np.asarray(Image.fromarray(x).filter(ImageFilter.GaussianBlur(1))) for x in images
  ]
  ratio = image_quality.sharpness(np.stack(blurred)) / image_quality.sharpness(images)
  assert np.all(ratio < 0.1)


def test_blocks_change_nothing():
  images = draw(600, 4, 4, 3)
  for measure in (image_quality.saturation, image_quality.sharpness):
    want = np.concatenate([measure(images[i : i + 1]) for i in range(600)])
    np.testing.assert_allclose(measure(images), want, rtol=1e-5)


def test_screen_tells_why_it_rejects():
  images = draw(6, 8, 8, 3)
  images[1] = images[1, ..., :1]  # Gray.
  images[2] = (255, 64, 128)  # Colored and flat.
  features = np.array([[0.0], [9.0], [9.0], [0.1], [5.0], [5.2]])
  keep, rejected = image_quality.screen(
    images,
    saturation_range=(0.1, 1.0),
    min_sharpness=1.0,
    duplicates_below=0.15,
    features=features,
  )
  assert keep.tolist() == [0, 4, 5]
  assert rejected == {"saturation": 1, "sharpness": 1, "duplicate": 1}


def test_duplicates_are_of_images_that_are_kept():
  # 0.3 repeats 0, and 0.6 is near 0.3 alone.
  features = np.array([[0.0], [0.3], [0.6]])
  keep, rejected = image_quality.screen(
    draw(3, 4, 4, 3), duplicates_below=0.4, features=features
  )
  assert keep.tolist() == [0, 2]
  assert rejected["duplicate"] == 1


def test_screen_rejects_none_by_default():
  keep, rejected = image_quality.screen(draw(4, 2, 2, 1))
  assert keep.tolist() == [0, 1, 2, 3]
  assert set(rejected.values()) == {0}


def test_wrong_inputs_are_refused():
  with pytest.raises(ValueError, match="features"):
    image_quality.screen(draw(4, 4, 4, 3), duplicates_below=1.0)
  with pytest.raises(ValueError, match="expected uint8 images"):
    image_quality.saturation(np.zeros((2, 4, 4, 3)))
  with pytest.raises(ValueError, match="3 x 3"):
    image_quality.sharpness(draw(2, 2, 4, 3))
