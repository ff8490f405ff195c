"""Trained networks on large images tile by tile, on films, and in mixtures."""

import functools

import jax
import numpy as np
import pytest

from jaxgan.experiments.shared import passes, style_weights
from jaxgan.experiments.stylize import inference, networks
from jaxgan.nets import stylizer

SHAPE = (
  40,
  104,
)  # In cells of 4x4 pixels, of one and a part, and three and a part tiles.


@pytest.fixture(scope="module")
def trained():
  """A network of two styles with random weights."""
  net = stylizer.Stylizer(2, width=2)
  images, label = np.zeros((1, 16, 16, 3), np.float32), np.zeros(1, int)
  shapes = jax.eval_shape(net.init, jax.random.key(0), images, label)["params"]
  random = np.random.default_rng(1)
  params = {
    name: {"scale": np.ones(own["scale"].shape), "bias": np.zeros(own["bias"].shape)}
    if name.endswith("_norm")
    else {"kernel": random.normal(size=own["kernel"].shape)}
    for name, own in shapes.items()
  }
  params["expand3_norm"]["scale"] = np.array([[1] * 3, [2] * 3])
  params = jax.tree.map(np.float32, params)
  return networks.Trained(net, params, ("a", "b"))


@pytest.fixture(scope="module")
def image():
  pixels = np.random.default_rng(0).integers(0, 256, (*SHAPE, 3)).astype(np.uint8)
  pixels[:20, :20] = 0  # Statistics of tiles would differ.
  return pixels


def test_tiles_are_parts_of_the_whole(trained, image, tmp_path):
  maps = np.random.default_rng(1).uniform(size=(1, *SHAPE, 2)).astype(np.float32)
  want = passes.whole(trained.net, trained.params, image[None], maps)
  covered = np.zeros(SHAPE, int)

  def style_of(tile):
    top, bottom, left, right = (4 * side for side in tile.window)
    return maps[:, top:bottom, left:right]

  run = passes.Passes(*trained[:2], image, style_of, tmp_path, core=8)
  for (top, bottom, left, right), part in run.parts():
    covered[top:bottom, left:right] += 1
    np.testing.assert_allclose(part, want[0, top:bottom, left:right], atol=1e-4)
  assert (covered == 1).all()


def test_large_photographs_go_by_tiles(trained, image, tmp_path, monkeypatch):
  in_tiles = functools.partial(passes.in_parts, core=8)
  monkeypatch.setattr(passes, "in_parts", in_tiles)
  whole, by_tiles = (
    inference.Painter(trained, tmp_path, whole=pixels) for pixels in (10**6, 100)
  )
  image = image[:38, :102]  # No multiple of 4.
  levels = np.arange(38 * 102).reshape(38, 102).astype(np.uint8)
  weights_of = lambda x: style_weights.weights_of_levels(x, [0, 1], 2)
  paintings = [paint(image, levels, weights_of) for paint in (whole, by_tiles)]
  assert abs(np.subtract(*paintings, dtype=int)).max() <= 1  # Rounding.
  assert not list(tmp_path.iterdir())  # The scratch files are gone.
  found = []
  monkeypatch.setattr(
    passes, "in_parts", lambda *args: (found.append(args[3](None)), args[2])[1]
  )
  by_tiles(image, np.array([0.5, 0.5], np.float32))
  np.testing.assert_array_equal(found, [[[0.5, 0.5]]])


def test_mixtures_lie_between(trained, tmp_path):
  """A mixture of weights is not one of images, but the rows of the tables are mixed."""
  paint = inference.Painter(trained, tmp_path)
  image = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 3)).astype(np.uint8)
  a, mixed, b = (
    paint.batch(image, np.array([[1 - x, x]], np.float32)).std() for x in (0, 0.5, 1)
  )
  assert a < mixed < b  # The last scale, which alone differs, is 1, 1.5 and 2.


def test_smoothing_keeps_moments_of_frames_before(trained):
  style = np.eye(2, dtype=np.float32)[0]
  dark, light = np.full((8, 8, 3), 30, np.uint8), np.full((8, 8, 3), 220, np.uint8)
  film = inference.FilmPainter(trained, style, 0.9)
  film(dark)
  first = jax.device_get(film.moments[0])
  with np.errstate(invalid="raise"):  # Flat frames and a cut: nothing overflows.
    film(light)
  second = jax.device_get(film.moments[0])
  alone = inference.FilmPainter(trained, style, 0.0)
  alone(light)
  want = 0.9 * first.mean + 0.1 * np.asarray(alone.moments[0].mean)
  np.testing.assert_allclose(second.mean, want, rtol=1e-3, atol=1e-6)
