"""Mixtures of styles, as users write them and by the grays of a mask."""

import numpy as np
import pytest

from jaxgan import errors
from jaxgan.experiments.shared import style_weights


@pytest.mark.parametrize(
  ("text", "want"),
  [
    ("", [1, 0, 0]),
    ("b", [0, 1, 0]),
    ("a:1,c:3", [0.25, 0, 0.75]),
    ("a:2,b:-1", [2, -1, 0]),
  ],
)
def test_mixtures(text, want):
  np.testing.assert_allclose(style_weights.weights(text, ("a", "b", "c")), want)


def test_sums_that_are_kept_and_names_with_colons():
  weights = style_weights.weights("a:0.5", ("a", "b"), normalize=False)
  assert weights.tolist() == [0.5, 0]
  assert style_weights.parse("x:y:2", ("x:y", "z")) == {"x:y": 2.0}


@pytest.mark.parametrize(
  ("text", "named"),
  [
    ("a:0", "sum to 0"),
    ("a:1,b:-1", "sum to 0"),
    ("a:x", "write a number"),
    ("a:nan", "cannot be"),
    ("a:0.6,bb:0.4", "did you mean 'b'"),
  ],
)
def test_mixtures_that_cannot_be(text, named):
  with pytest.raises(errors.UserError, match=named):
    style_weights.weights(text, ("a", "b"))


def test_levels_of_a_mask():
  levels = np.array([[0, 255], [51, 204]], np.uint8)
  got = style_weights.weights_of_levels(levels, [2, 0, 1], 3)
  want = [[[0, 0, 1], [0, 1, 0]], [[0.4, 0, 0.6], [0.4, 0.6, 0]]]
  np.testing.assert_allclose(got, want, atol=1e-6)
