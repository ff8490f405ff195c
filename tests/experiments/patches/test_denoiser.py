"""The denoiser against its formula, and single scales of samples."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.experiments.patches import denoiser
from jaxgan.metrics import seams
from jaxgan.ops import patches

SAMPLER = denoiser.Sampler(
  patch=5, window=0.2, noise_levels=4, eta=0.0, neighbors=5, stride=2, noise=0.45
)


def _draw(*shape, seed=0):
  return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def _formula(x, y, alpha, sigma):
  """Weighted means of the rows of y, in float64."""
  x, y = x.astype(np.float64), y.astype(np.float64)
  logits = -((x[:, None] - alpha * y) ** 2).sum(-1) / (2 * sigma**2)
  weights = np.exp(logits - logits.max(1, keepdims=True))
  return weights @ y / weights.sum(1, keepdims=True)


def test_noise_levels_by_hand():
  want = [1, 0.8889, 0.7778, 0.6667, 0.5556, 0.4445, 0.3334, 0.2223, 0.1112, 1e-4]
  np.testing.assert_allclose(denoiser.schedule(10), want, atol=5e-5)
  assert len(denoiser.schedule(10, 0.45)) == 5
  assert len(denoiser.schedule(10, 0.9999)) == 9


@pytest.mark.parametrize("sigma", (1.0, 0.5, 0.1, 0.02))
def test_exact_is_the_formula(sigma):
  y = _draw(60, 12)
  x = (1 - sigma) * y[:9] + sigma * _draw(9, 12, seed=1)
  got = denoiser.exact(x, y, jnp.float32(1 - sigma), jnp.float32(sigma), 0.0)
  np.testing.assert_allclose(got, _formula(x, y, 1 - sigma, sigma), atol=2e-4)


def test_exact_at_its_ends():
  y = _draw(40, 12)
  mean = denoiser.exact(_draw(3, 12, seed=1), y, 0.0, 1.0, 0.0)
  np.testing.assert_allclose(mean, np.repeat(y.mean(0)[None], 3, 0), atol=1e-6)
  same = denoiser.exact(0.9999 * y, y, 0.9999, 1e-4, 0.0)  # Finite, and found again.
  np.testing.assert_allclose(same, y, atol=1e-5)


@pytest.mark.parametrize("most", (2**25, 3 * 60))  # Of scores: all queries, or three.
def test_all_neighbors_in_all_directions_are_exact(most, monkeypatch):
  monkeypatch.setattr(denoiser, "MOST_SCORES", most)
  image = _draw(8, 14, 3)
  y = np.asarray(patches.unfold(image, 3))
  assert len(y) == 72
  x = 0.6 * y[::9] + 0.4 * _draw(8, 27, seed=1)
  basis = jnp.linalg.qr(_draw(27, 27, seed=2))[0]
  keys = denoiser.keys_of(image, basis)
  np.testing.assert_allclose(keys.reshape(72, 27), y @ basis, atol=1e-5)
  got = denoiser.nearest(x, image, keys, basis, 0.6, 0.4, 72)
  np.testing.assert_allclose(got, _formula(x, y, 0.6, 0.4), atol=1e-4)
  nearest = denoiser.nearest(x, image, keys, basis, 0.6, 0.4, 1)
  index = ((x[:, None] - 0.6 * y) ** 2).sum(-1).argmin(1)
  np.testing.assert_allclose(nearest, y[index], atol=1e-6)


def _scale(image, coarser=None, anchor=jnp.inf, size=None, fast=False, **changes):
  basis, _ = patches.principal(jnp.asarray(image), 5, 8)
  return np.asarray(
    denoiser.draw(
      jax.random.key(3),
      jnp.asarray(image),
      basis,
      coarser,
      jnp.float32(anchor),
      size=size or image.shape[:2],
      sampler=SAMPLER._replace(**changes),
      fast=fast,
    )
  )


@pytest.mark.parametrize("fast", (False, True))
def test_an_image_of_one_color_gives_it(fast):
  image = np.full((12, 13, 3), 0.3, np.float32)
  coarser = jnp.full((6, 7, 3), 0.3) if fast else None
  np.testing.assert_allclose(_scale(image, coarser, fast=fast), image, atol=1e-5)


def test_a_tight_anchor_keeps_rows_where_they_are():
  # A column holds a number of its own; so has each row, which must stay.
  image = np.broadcast_to(np.linspace(-1, 1, 12)[:, None, None], (12, 12, 1))
  image = image.astype(np.float32)
  held = _scale(image, anchor=1e-3)
  np.testing.assert_allclose(held, image, atol=0.05)
  free = _scale(image)
  assert abs(free - image).max() > 0.3


def _smooth(height, width):
  """An image whose coarse scale tells what it is, as photographs are."""
  return denoiser.resize(jnp.asarray(_draw(5, 5, 3)), (height, width))


@pytest.mark.parametrize("fast", (False, True))
def test_symmetry_is_exact(fast):
  image = _smooth(12, 13)
  coarser = denoiser.resize(image, (6, 7))
  made = _scale(image, coarser, symmetric=True, eta=1.0, fast=fast)
  np.testing.assert_array_equal(made, made[:, ::-1])


def test_wrapped_images_have_no_seam():
  image = _smooth(16, 16)
  made = _scale(image, wrap=True)
  assert seams.wrap_ratio(image[None]) > 2
  assert seams.wrap_ratio(made[None]) < 1.3


def test_what_is_coarse_comes_from_the_coarser_scale():
  image = _smooth(16, 16)
  made = _scale(image, denoiser.resize(image, (8, 8)))
  np.testing.assert_allclose(made, image, atol=0.1)
