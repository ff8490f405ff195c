"""Walks of the noise, against the published recurrence step by step."""

import itertools

import numpy as np
import pytest

from jaxgan.experiments.single_image import walks


def _fixed():
  rng = np.random.default_rng(0)
  return [rng.normal(size=(1, 3, 4, 2)), rng.normal(size=(1, 6, 8, 5))]


def _draw(number):
  rng = np.random.default_rng(number + 10)
  return [rng.normal(size=(1, 3, 4, 2)), rng.normal(size=(1, 6, 8, 5))]


def test_recurrence():
  fixed, alpha, beta = _fixed(), 0.1, 0.8
  previous1 = 0.99 * fixed[1] + 0.01 * _draw(0)[1]
  previous2 = fixed[1]
  frames = walks.walk(fixed, _draw, strength=1 - alpha, smoothness=beta, start=1)
  for number, got in enumerate(itertools.islice(frames, 6), 1):
    difference = beta * (previous1 - previous2) + (1 - beta) * _draw(number)[1]
    current = alpha * fixed[1] + (1 - alpha) * (previous1 + difference)
    previous1, previous2 = current, previous1
    np.testing.assert_array_equal(got[0], fixed[0])  # Before the first stage.
    np.testing.assert_allclose(got[1], current, rtol=1e-12)


def test_no_strength_stands_still():
  fixed = _fixed()
  frames = walks.walk(fixed, _draw, strength=0.0, smoothness=0.9, start=0)
  for frame in itertools.islice(frames, 3):
    for got, want in zip(frame, fixed, strict=True):
      np.testing.assert_allclose(got, want)


@pytest.mark.parametrize("overlap", (1, 4))
def test_loop_has_no_seam(overlap):
  fixed, count = _fixed(), 40
  options = dict(strength=0.9, smoothness=0.95, start=0)
  walked = walks.walk(fixed, _draw, **options)
  looped = list(walks.close(walked, fixed, count, overlap))
  free = list(itertools.islice(walks.walk(fixed, _draw, **options), count + overlap))
  assert len(looped) == count
  np.testing.assert_array_equal(looped[0][1], free[overlap][1])
  np.testing.assert_allclose(looped[count - overlap][1], free[count][1])
  steps = [np.abs(a[1] - b[1]).mean() for a, b in itertools.pairwise(looped)]
  seam = np.abs(looped[-1][1] - looped[0][1]).mean()
  cut = np.abs(free[count - 1][1] - free[0][1]).mean()
  if overlap > 1:
    assert seam < 2.5 * max(steps[: count - overlap - 1])
    assert seam < 0.7 * cut
