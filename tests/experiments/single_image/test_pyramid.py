"""Sizes against published logs and tables."""

import numpy as np
import pytest

from jaxgan import errors
from jaxgan.experiments.shared import resizing
from jaxgan.experiments.single_image import pyramid

PUBLISHED = resizing.Rules(exact=False, border="reference", truncate=True)


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


def test_images_that_are_too_small():
  with pytest.raises(errors.UserError, match=r"config\.min_size = 25"):
    pyramid.consingan((20, 90), num_stages=3, min_size=25)


def test_every_level_is_made_of_the_finest():
  image = np.random.default_rng(0).integers(0, 256, (90, 120, 4), np.uint8)
  top = resizing.finest((90, 120), 60)
  levels = pyramid.consingan(top.size, num_stages=3, min_size=20)
  reals = pyramid.build(image, levels, top)
  assert [real.shape for real in reals] == [(*level.size, 4) for level in levels]
  np.testing.assert_array_equal(
    reals[0], resizing.imresize(reals[2], levels[0].size, levels[0].scale)
  )
