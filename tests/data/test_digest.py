"""`data.digest`: what changes it."""

import numpy as np
import pytest

from jaxgan.data import packed
from jaxgan.data.digest import LOOKED, digest

IMAGES = np.random.RandomState(0).randint(0, 256, (6, 4, 4, 3), np.uint8)


def test_the_same_images_have_the_same_digest_however_they_are_kept():
  rows = packed.Rows(np.concatenate([IMAGES, IMAGES]), np.arange(6, 12))
  assert digest(IMAGES) == digest(list(IMAGES)) == digest(rows)


@pytest.mark.parametrize(
  "other",
  [
    IMAGES[:5],
    IMAGES[::-1],
    IMAGES.reshape(6, 2, 8, 3),
    np.where(np.arange(288).reshape(IMAGES.shape) == 287, IMAGES ^ 1, IMAGES),
  ],
  ids=["fewer", "in another order", "of another shape", "a bit of the last"],
)
def test_other_images_have_another(other):
  assert digest(other) != digest(IMAGES)
  assert digest(IMAGES, other) != digest(IMAGES, IMAGES)


def test_of_many_images_the_number_always_counts():
  many = np.zeros((2 * LOOKED, 1, 1, 1), np.uint8)
  assert digest(many) != digest(many[1:])
  assert digest(many[:0]) != digest(many[:1])
