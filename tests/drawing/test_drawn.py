"""The faces that the program draws: repeatable, varied, and true to their labels."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from jaxgan.drawing import drawn
from jaxgan.drawing.anime import palette, portrait, traits


@pytest.fixture(scope="module")
def faces():
  return drawn.draw(60)


def paint(index, seed=0, size=(96, 96), channels=3):
  return portrait.paint(traits.generator(seed, index), size, channels)


def faces_with(attribute, color, count):
  """The first faces with a label, float [count, 96, 96, 3]."""
  values = drawn.labels(2000)[attribute]
  wanted = np.flatnonzero(values == drawn.CLASSES[attribute].index(color))
  return np.stack([paint(index) for index in wanted[:count]]).astype(float)


def test_what_draw_returns(faces):
  images, labels, classes = faces
  assert images.shape == (60, 96, 96, 3) and images.dtype == np.uint8
  assert set(labels) == set(classes) == {"hair", "eyes"}
  assert [len(classes[name]) for name in ("hair", "eyes")] == [12, 11]
  for values in labels.values():
    assert values.shape == (60,) and values.dtype == np.int32


def test_a_larger_set_begins_with_the_smaller(faces):
  images, labels, _ = drawn.draw(5)
  np.testing.assert_array_equal(images, faces[0][:5])
  for name, values in labels.items():
    np.testing.assert_array_equal(values, faces[1][name][:5])


def test_a_face_does_not_depend_on_those_before_it(faces):
  np.testing.assert_array_equal(paint(59), faces[0][59])


def test_another_seed_shows_other_faces(faces):
  other = drawn.draw(5, seed=1)[0]
  apart = np.abs(other.astype(float) - faces[0][:5]).mean((1, 2, 3))
  assert (apart > 5).all()


def test_processes_draw_the_same(faces, monkeypatch):
  monkeypatch.setattr(drawn, "_FACES_PER_PROCESS", 2)
  monkeypatch.setattr(drawn, "_BLOCK", 2)
  monkeypatch.setattr(drawn, "_num_cores", lambda: 2)
  np.testing.assert_array_equal(drawn.draw(7)[0], faces[0][:7])


def test_a_process_that_fails_is_an_error():
  images = np.empty((2, 8, 8, 3), np.uint8)
  with pytest.raises(RuntimeError, match="failed"):
    drawn._draw_with_processes(images, seed=-1, workers=2)


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups")
def test_ctrl_c_does_not_reach_a_painting_process():
  """Terminals send it to the whole group; that process would print a traceback."""
  process = drawn._start((1, 96, 96, 3), 0, 0)
  try:
    assert os.getpgid(process.pid) != os.getpgid(0)
  finally:
    process.kill()
    process.communicate()


def test_jax_is_not_imported():
  code = (
    "import sys, jaxgan.drawing.drawn, jaxgan.drawing.anime.__main__\n"
    "sys.exit('jax' in sys.modules)"
  )
  assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("size", [(32, 32), (40, 96), (120, 48), (300, 300)])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_size(size, channels):
  images = drawn.draw(2, size=size, channels=channels)[0]
  assert images.shape == (2, *size, channels)
  assert (images.std((1, 2, 3)) > 10).all()


def test_one_channel_is_luma(faces):
  gray = drawn.draw(3, channels=1)[0][..., 0]
  luma = faces[0][:3] @ np.array([0.299, 0.587, 0.114])  # ITU-R BT.601.
  np.testing.assert_allclose(gray, luma, atol=1)


def test_another_size_shows_the_same_faces(faces):
  small = drawn.draw(4, size=(48, 48))[0].astype(float)
  halved = faces[0][:4].reshape(4, 48, 2, 48, 2, 3).mean((2, 4))
  np.testing.assert_allclose(small, halved, atol=2)


@pytest.mark.parametrize("wrong", [dict(size=(0, 96)), dict(channels=4), dict(seed=-1)])
def test_what_cannot_be_drawn_is_named(wrong):
  with pytest.raises(ValueError, match=r"cannot draw .*channels"):
    drawn.draw(1, **wrong)


def test_no_faces():
  images, labels, _ = drawn.draw(0)
  assert images.shape == (0, 96, 96, 3) and labels["hair"].shape == (0,)


def test_faces_differ(faces):
  flat = faces[0][:, ::4, ::4].reshape(60, -1).astype(np.float32)
  apart = np.abs(flat[:, None] - flat).mean(-1)
  assert apart[~np.eye(60, dtype=bool)].min() > 8
  assert apart.mean() > 40


def test_every_color_is_about_as_frequent():
  for name, values in drawn.labels(2000).items():
    count = len(drawn.CLASSES[name])
    frequencies = np.bincount(values, minlength=count) / 2000
    np.testing.assert_allclose(frequencies, 1 / count, atol=0.03)


def test_hair_has_the_color_of_its_label(faces):
  """The palette's color nearest to the crown is mostly the label's."""
  images, labels, _ = faces
  crown = np.median(images[:, 12:24, 36:60].reshape(60, -1, 3), axis=1)
  colors = np.array(list(palette.HAIR.values()))
  nearest = np.abs(crown[:, None] - colors).sum(-1).argmin(1)
  assert np.mean(nearest == labels["hair"]) > 0.8


@pytest.mark.parametrize(
  "attribute, rows, columns, bound",
  [
    ("hair", slice(8, 28), slice(30, 66), 80),
    ("eyes", slice(40, 60), slice(18, 78), 15),
  ],
)
def test_red_is_redder_and_blue_is_bluer(attribute, rows, columns, bound):
  red, blue = (
    faces_with(attribute, color, 16)[:, rows, columns].mean((0, 1, 2))
    for color in ("red", "blue")
  )
  difference = red - blue
  assert difference[0] - difference[2] > bound


def test_speed():
  start = time.process_time()
  drawn.draw(50)
  assert time.process_time() - start < 2.0
