"""Sizes of the finest scale, and resampling against a loop over pixels."""

import math

import numpy as np
import pytest

from jaxgan.experiments.shared import resizing
from jaxgan.ops import resampling

PUBLISHED = resizing.Rules(exact=False, border="reference", truncate=True)


def test_finest_level():
  assert resizing.finest((2000, 3000), 250) == ((167, 250), 250 / 3000)
  assert resizing.finest((60, 90), 250) == ((60, 90), 1)
  # 250 / 251 * 251 is a little more than 250.
  overshoots = [
    n
    for n in range(251, 3000)
    if max(resizing.finest((10, n), 250, PUBLISHED).size) == 251
  ]
  assert len(overshoots) == 350


def _cubic(x):
  x = abs(x)
  if x <= 1:
    return 1.5 * x**3 - 2.5 * x**2 + 1
  return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x <= 2 else 0.0


def _resample(column, out, scale, border, antialias):
  """One axis, pixel by pixel, with positions counted from 1."""
  stretch = min(scale, 1) if antialias else 1
  result = []
  for position in range(1, out + 1):
    center = position / scale + 0.5 * (1 - 1 / scale)
    total = weights = 0.0
    reach = math.ceil(4 / stretch) + 3
    for tap in range(math.floor(center) - reach, math.floor(center) + reach + 1):
      weight = stretch * _cubic(stretch * (center - tap))
      if border == "reference" and tap < 1:
        continue
      index = (tap - 1) % len(column) + 1 if border == "wrap" else tap
      while not 1 <= index <= len(column):
        index = 1 - index if index < 1 else 2 * len(column) + 1 - index
      total += weight * column[index - 1]
      weights += weight
    result.append(total / weights)
  return np.array(result)


@pytest.mark.parametrize("border", resampling.BORDERS)
@pytest.mark.parametrize(("size", "scale"), [((7, 9), 0.46), ((25, 33), 1.6)])
def test_imresize_is_the_loop_over_pixels(border, size, scale):
  rng = np.random.default_rng(0)
  pixels = rng.integers(0, 256, (15, 20, 3))
  rules = resizing.Rules(False, border, truncate=True)
  image = ((pixels / 255).astype(np.float32) - np.float32(0.5)) * 2
  got = resizing.imresize(image, size, scale, rules)
  whole = np.where((pixels > 0) & (pixels < 64), pixels - 1, pixels).astype(float)
  rows = np.apply_along_axis(_resample, 0, whole, size[0], scale, border, scale < 1)
  both = np.apply_along_axis(_resample, 1, rows, size[1], scale, border, scale < 1)
  np.testing.assert_allclose(got, np.clip(both / 255 * 2 - 1, -1, 1), atol=1e-6)


def test_exact_resampling_keeps_a_constant_and_the_center():
  image = np.full((31, 47, 1), 0.2, np.float32)
  np.testing.assert_allclose(
    resizing.imresize(image, (13, 60)), 153 / 127.5 - 1, atol=1e-6
  )
  ramp = resampling.antialiased_cubic(30, 12, 12 / 30) @ np.arange(30.0)
  np.testing.assert_allclose(ramp[3:9], (np.arange(3, 9) + 0.5) * 2.5 - 0.5, atol=0.02)
