"""Sizes against published logs and tables, resampling against a loop over pixels."""

import math

import numpy as np
import pytest

from jaxgan import errors
from jaxgan.experiments.single_image import pyramid
from jaxgan.ops import resampling

PUBLISHED = pyramid.Rules(exact=False, border="reference", truncate=True)


def _shapes(levels):
  return " ".join(f"{h}x{w}" for (h, w), _ in levels)


@pytest.mark.parametrize(
  ("size", "options", "want"),
  [
    (
      (167, 250),
      dict(num_stages=6, min_size=25),
      "25x38 31x47 41x61 60x89 115x171 167x250",
    ),
    (
      (167, 250),
      dict(num_stages=6, min_size=25, spacing="geometric"),
      "25x38 37x55 54x80 79x117 115x171 167x250",
    ),
    (
      (167, 250),
      dict(num_stages=6, min_size=20),
      "20x30 26x38 35x52 53x79 110x164 167x250",
    ),
    (
      (167, 250),
      dict(num_stages=3, min_size=120, spacing="geometric"),
      "120x180 142x212 167x250",
    ),
    # From users' logs; the shortest side overshoots 25.
    (
      (152, 250),
      dict(num_stages=6, min_size=25),
      "26x42 31x51 40x66 57x94 106x175 152x250",
    ),
    (
      (166, 250),
      dict(num_stages=8, min_size=25),
      "26x38 29x43 34x50 40x61 51x77 72x108 127x191 166x250",
    ),
  ],
)
def test_published_sizes(size, options, want):
  assert _shapes(pyramid.consingan(size, rules=PUBLISHED, **options)) == want


@pytest.mark.parametrize("size", [(167, 250), (668, 1000)])
def test_published_sizes_of_singan(size):
  levels = pyramid.singan(size, factor=0.75, min_size=25, max_size=250, rules=PUBLISHED)
  assert _shapes(levels) == (
    "26x38 32x48 41x61 51x77 65x97 82x123 104x156 132x198 167x250"
  )


def test_exact_sizes_meet_the_smallest_and_keep_the_largest():
  for height in range(60, 250, 7):
    for stages in (2, 5, 8):
      levels = pyramid.consingan((height, 250), num_stages=stages, min_size=25)
      assert min(levels[0].size) == 25
      assert levels[-1] == ((height, 250), 1.0)
      sides = [level.size[0] for level in levels]
      assert len(levels) == stages and sides == sorted(sides)


def test_one_and_two_stages():
  one = pyramid.consingan((100, 150), num_stages=1, min_size=25)
  assert _shapes(one) == "100x150"
  assert _shapes(pyramid.consingan((100, 150), num_stages=2, min_size=25)) == (
    "25x38 100x150"
  )


def test_finest_level():
  assert pyramid.finest((2000, 3000), 250) == ((167, 250), 250 / 3000)
  assert pyramid.finest((60, 90), 250) == ((60, 90), 1)
  # 250 / 251 * 251 is a little more than 250.
  overshoots = [
    n
    for n in range(251, 3000)
    if max(pyramid.finest((10, n), 250, PUBLISHED).size) == 251
  ]
  assert len(overshoots) == 350


def test_images_that_are_too_small():
  with pytest.raises(errors.UserError, match=r"config\.min_size = 25"):
    pyramid.consingan((20, 90), num_stages=3, min_size=25)


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
      index = tap
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
  rules = pyramid.Rules(False, border, truncate=True)
  image = ((pixels / 255).astype(np.float32) - np.float32(0.5)) * 2
  got = pyramid.imresize(image, size, scale, rules)
  whole = np.where((pixels > 0) & (pixels < 64), pixels - 1, pixels).astype(float)
  rows = np.apply_along_axis(_resample, 0, whole, size[0], scale, border, scale < 1)
  both = np.apply_along_axis(_resample, 1, rows, size[1], scale, border, scale < 1)
  np.testing.assert_allclose(got, np.clip(both / 255 * 2 - 1, -1, 1), atol=1e-6)


def test_exact_resampling_keeps_a_constant_and_the_center():
  image = np.full((31, 47, 1), 0.2, np.float32)
  np.testing.assert_allclose(
    pyramid.imresize(image, (13, 60)), 153 / 127.5 - 1, atol=1e-6
  )
  ramp = resampling.antialiased_cubic(30, 12, 12 / 30) @ np.arange(30.0)
  np.testing.assert_allclose(ramp[3:9], (np.arange(3, 9) + 0.5) * 2.5 - 0.5, atol=0.02)


def test_every_level_is_made_of_the_finest():
  image = np.random.default_rng(0).integers(0, 256, (90, 120, 4), np.uint8)
  top = pyramid.finest((90, 120), 60)
  levels = pyramid.consingan(top.size, num_stages=3, min_size=20)
  reals = pyramid.build(image, levels, top)
  assert [real.shape for real in reals] == [(*level.size, 4) for level in levels]
  np.testing.assert_array_equal(
    reals[0], pyramid.imresize(reals[2], levels[0].size, levels[0].scale)
  )
