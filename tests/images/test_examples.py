"""The images that come along."""

import pytest

from jaxgan import errors
from jaxgan.images import examples


@pytest.mark.parametrize(
  "name", examples.PHOTOGRAPHS + examples.TEXTURES + examples.PAINTINGS
)
def test_every_image_is_there_and_is_one(name):
  image = examples.load(name)
  assert image.dtype == "uint8" and image.shape[2] == 3
  assert min(image.shape[:2]) >= 200 and image.std() > 10


def test_the_astronaut_is_the_known_one():
  assert examples.load("astronaut")[0, 0].tolist() == [154, 147, 151]


def test_an_unknown_name_gets_the_nearest():
  with pytest.raises(errors.UserError, match="astronaut"):
    examples.load("astronaught")
