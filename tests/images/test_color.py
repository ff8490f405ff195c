"""Brightness and saturation."""

import numpy as np
from PIL import Image, ImageEnhance
import pytest

from jaxgan.images import color


def test_luma_is_that_of_bt_601():
  colors = np.eye(3, dtype=np.float32)[None]
  np.testing.assert_allclose(color.luma(255 * colors), [[76.245, 149.685, 29.07]])
  gray = np.full((2, 3, 1), 7, np.float32)
  np.testing.assert_array_equal(color.luma(gray), gray[..., 0])
  assert color.luma(colors).dtype == np.float32


@pytest.mark.parametrize("gain", [0.0, 0.6, 1.0, 1.7])
def test_adjusted_saturation_is_pillows(gain):
  images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), np.uint8)
  want = [
    np.asarray(ImageEnhance.Color(Image.fromarray(x)).enhance(gain)) for x in images
  ]
  got = color.adjust_saturation(images, gain)
  # Pillow rounds the gray and cuts off the result.
  assert np.abs(got.astype(int) - np.stack(want)).max() <= 2
  assert got.dtype == np.uint8
  if gain == 1:
    np.testing.assert_array_equal(got, images)
