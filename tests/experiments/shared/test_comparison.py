"""What a comparison of translated windows costs."""

import numpy as np
import pytest

from jaxgan.data import mixed
from jaxgan.experiments.shared import comparison, unpaired


@pytest.mark.parametrize(("thorough", "warm_up"), ((False, 0), (True, 1)))
def test_only_what_is_timed_is_compiled_before(monkeypatch, thorough, warm_up):
  pixels = np.zeros(40 * 40 * 3, np.uint8)
  images = mixed.Mixed(pixels, np.array([[40, 40]]), np.array([0]), ["a"])
  compare = comparison.Comparison(unpaired.Domains(images, images, images), 6, 32, 16)
  monkeypatch.setattr(comparison.Comparison, "reference", None)
  monkeypatch.setattr(comparison.generative, "compare", lambda *args: ())
  monkeypatch.setattr(comparison.content, "compare", lambda *args, **kwargs: ())
  seen = []
  found = dict(compare(lambda x: seen.append(x) or x, thorough=thorough))
  assert len(seen) == 6 + warm_up
  assert ("seconds_per_megapixel" in found) == thorough
