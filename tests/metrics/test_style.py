"""Style distances by hand, and of textures that are shipped."""

import numpy as np
import pytest

from jaxgan.images import examples
from jaxgan.metrics import content, style


def draw(*shape, seed=0):
  return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_a_flat_picture_of_the_mean_color_is_at_one():
  # Colors 0 and 200 in halves of 8 pixels: wavelets at the first two scales are 0.
  painting = np.zeros((16, 16, 3), np.uint8)
  painting[:, 8:] = 200
  flat = np.full((1, 16, 16, 3), 100, np.uint8)
  colors = style.distances(flat, painting) * 3
  # Equal channels: a random direction's share of the variance is 1 on average.
  assert colors == pytest.approx(1, rel=0.15)
  assert style.distances(painting[None], painting) == 0


def test_arrangement_does_not_matter_and_scale_does():
  painting = draw(16, 16, 3).repeat(2, 0).repeat(2, 1)
  turned = np.concatenate([painting[16:], painting[:16]])[None]
  assert style.distances(turned, painting) == pytest.approx(0, abs=1e-9)
  fine = draw(1, 32, 32, 3, seed=1)
  same_scale = draw(1, 16, 16, 3, seed=1).repeat(2, 1).repeat(2, 2)
  near, far = style.distances(np.concatenate([same_scale, fine]), painting)
  assert near < 0.6 * far


@pytest.mark.slow
def test_parts_of_a_painting_are_nearer_than_other_paintings():
  names = ("brick", "hubble_deep_field", "ihc")
  parts = np.stack(
    [
      examples.load(name)[i : i + 64, i : i + 64]
      for name in names
      for i in (50, 200, 350)
    ]
  )
  table = np.stack([style.distances(parts, part) for part in parts])
  same = np.kron(np.eye(3, dtype=bool), ~np.eye(3, dtype=bool))
  other = np.kron(~np.eye(3, dtype=bool), np.ones((3, 3), bool))
  own = table.mean(1, where=same)
  assert (own < 0.9 * table.mean(1, where=other)).all()


def test_large_pictures_are_judged_by_some_positions():
  x = draw(1, 96, 96, 3)
  assert style.distances(x, x[0]) == 0
  assert 0 < style.distances(x, draw(96, 96, 3, seed=1)) < 0.2


def test_summary_by_hand():
  found = {"lpips_vgg16": np.array([0.1, 0.3]), "style_distance": np.array([1.0, 2.0])}
  got = dict(style.summary(found))
  assert got["lpips_vgg16"] == pytest.approx(0.2)
  assert got["combined_distance"] == pytest.approx(1.2 * 2.5)
  # 2.5 of the deviation of content, and 1.2 of that of style, which go together.
  one_sided = 1.96 * np.sqrt((2.5 * 0.2 + 1.2 * 1.0) ** 2 / 2 / 2)
  assert got["combined_distance_interval"] == pytest.approx(one_sided)
  alone = dict(style.summary({name: x[:1] for name, x in found.items()}))
  assert alone["combined_distance"] == pytest.approx(1.1 * 2)
  assert alone["combined_distance_interval"] == 0


def test_measures_of_a_mixture():
  photos, pictures = draw(2, 16, 16, 3), draw(2, 16, 16, 3, seed=1)
  paintings = [draw(16, 16, 3, seed=2), draw(24, 16, 3, seed=3) // 2]
  got = style.measures(photos, pictures, paintings, (3.0, 1.0))
  a, b = (style.distances(pictures, painting) for painting in paintings)
  np.testing.assert_allclose(got["style_distance"], 0.75 * a + 0.25 * b)
  kept = content.measures(photos, pictures)
  for name in ("lpips_vgg16", "dists", "edge_correlation"):
    np.testing.assert_array_equal(got[name], kept[name])
  with pytest.raises(ValueError, match="too small"):
    style.distances(pictures[:, :7], paintings[0])
