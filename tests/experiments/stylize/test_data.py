"""Squares of photographs, and the rate that halves."""

import jax.numpy as jnp
import numpy as np
from PIL import Image
import pytest

from jaxgan.data import packed
from jaxgan.experiments.stylize import data, stage


def test_squares_are_cut_at_random_places_and_scales(tmp_path):
  """In a picture of its own coordinates, a square tells where it was cut."""
  y, x = np.mgrid[:100, :200].astype(np.uint8)
  Image.fromarray(np.stack([y, x, 0 * x], -1)).save(tmp_path / "a.png")
  images = np.asarray(data.load(str(tmp_path), 20, crops=50).images)
  assert images.shape == (50, 20, 20, 3)
  again = data.load(str(tmp_path), 20, crops=50).images
  np.testing.assert_array_equal(images, again)
  low, high = (f(images, (1, 2)).astype(int)[:, :2] for f in (np.min, np.max))
  sides = high - low + 1
  assert np.abs(sides[:, 0] - sides[:, 1]).max() <= 4  # Squares stay squares.
  assert sides.min() < 40 and sides.max() > 80 and (sides >= 15).all()
  assert low[:, 0].max() > 40 and low[:, 1].max() > 120


@pytest.mark.parametrize(
  ("num", "want"),
  (
    (1, [0]),
    (3, [0, 1, 2]),
    (6, [0, 0, 1, 1, 2, 2]),
    (99, [*4 * [0], *4 * [1], *4 * [2]]),
  ),
)
def test_squares_to_evaluate_on_are_of_different_photographs(num, want):
  photos = np.arange(3, dtype=np.uint8).repeat(4)[:, None, None, None]
  assert data.spread(packed.Packed(photos), num).ravel().tolist() == want


def test_training_evaluates_on_several_photographs(make_config, monkeypatch):
  photos = np.arange(4, dtype=np.uint8).repeat(5)[:, None, None, None]
  photos = packed.Packed(np.broadcast_to(photos, (20, 16, 16, 3)))
  seen = []
  monkeypatch.setattr(stage.data, "load", lambda *args: photos)
  monkeypatch.setattr(
    stage.evaluation, "in_training", lambda *args: seen.append(args[2])
  )
  stage.stages(make_config(**{"evaluate.num": 4}))
  assert seen[0][:, 0, 0, 0].tolist() == [0, 1, 2, 3]


def test_without_crops_the_middle_is_taken(tmp_path):
  pixels = np.zeros((20, 40, 3), np.uint8)
  pixels[:, 10:30] = 255
  Image.fromarray(pixels).save(tmp_path / "a.png")
  images = data.load(str(tmp_path), 20).images
  assert images.shape == (1, 20, 20, 3) and np.all(images == 255)


def test_the_rate_halves():
  params = jnp.ones(())
  for half_life, last in ((0, 0.1), (10, 0.025)):
    optimizer = stage.create_optimizer(0.1, half_life, 0.9, 0.999)
    state = optimizer.init(params)
    for _ in range(21):  # The last update is that of step 20.
      update, state = optimizer.update(jnp.ones(()), state)
    np.testing.assert_allclose(-update, last, rtol=1e-4)
