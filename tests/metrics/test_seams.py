"""The ratio of seams against pictures whose steps are known."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.metrics import seams


def test_steps_of_three_at_seams_and_one_elsewhere():
  columns = np.cumsum(np.where(np.arange(12) % 4 == 0, 3.0, 1.0))
  image = np.add.outer(columns, columns)[None, :, :, None]
  assert seams.seam_ratio(image, 4) == pytest.approx(3.0)
  assert float(seams.seam_ratio(jnp.asarray(image), 4)) == pytest.approx(3.0)
  # The seams of other tiles do not show: 1 step of 3 among 2, and their mean over
  # the others'.
  assert seams.seam_ratio(image, 6) == pytest.approx(1.0 / ((8 + 6) / 10))


def test_each_direction_counts_as_much():
  columns = np.cumsum(np.where(np.arange(8) % 4 == 0, 5.0, 1.0))
  wide = np.broadcast_to(columns[:, None], (1, 4, 8, 1))
  assert seams.seam_ratio(wide, 4) == pytest.approx(5.0)  # No seam between rows.
  square = np.add.outer(np.arange(8.0), columns)[None, ..., None]
  assert seams.seam_ratio(square, 4) == pytest.approx((5.0 + 1.0) / 2)


def test_a_line_along_a_seam_has_its_steps_beside_it():
  """Pixels 3 and 4 are the line: 5 up, 0 across the seam, 5 down; 1 elsewhere."""
  row = np.array([0, 1, 2, 7, 7, 2, 1, 0], float)
  image = np.broadcast_to(row[:, None], (1, 2, 8, 1))
  assert seams.seam_ratio(image, 4) == pytest.approx(0 / ((4 * 1 + 2 * 5) / 6))
  assert seams.seam_ratio(image, 4, reach=1) == pytest.approx((10 / 3) / 1)
  with pytest.raises(ValueError, match="more than 2"):
    seams.seam_ratio(image, 4, reach=2)


def test_edges_of_the_image_are_no_seams():
  row = np.cumsum([0, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9], dtype=float)
  image = np.broadcast_to(row[:, None], (1, 2, 12, 1))
  inside = (9 + 9 + 3) / 5  # All but the steps 3 to 5 and 7 to 9.
  assert seams.seam_ratio(image, 4, reach=1) == pytest.approx(1 / inside)


def test_noise_has_no_seams_and_flat_images_have_none():
  noise = np.random.default_rng(0).normal(size=(8, 64, 64, 3))
  assert seams.seam_ratio(noise, 16) == pytest.approx(1.0, abs=0.02)
  assert seams.seam_ratio(np.ones((1, 8, 8, 3)), 4) == 0


def test_an_image_of_one_tile_has_no_seam():
  with pytest.raises(ValueError, match="no seam"):
    seams.seam_ratio(np.zeros((1, 8, 8, 3)), 8)
