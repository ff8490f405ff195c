"""Checks of fields name the field, and what it may be."""

import math

import ml_collections
import pytest

from jaxgan import errors
from jaxgan.experiments.shared import fields

CONFIG = ml_collections.ConfigDict({"a": {"b": 3, "c": "red"}, "nan": math.nan})


def test_numbers_in_their_ranges_pass():
  fields.check_ranges(CONFIG, {"a.b": (3, 3)})
  fields.check_ranges(CONFIG, {"a.b": (0, math.inf)})


@pytest.mark.parametrize(
  ("name", "bounds", "said"),
  [
    ("a.b", (4, math.inf), r"config\.a\.b = 3 must be 4 or more\."),
    ("a.b", (0, 1), r"config\.a\.b = 3 must be from 0 to 1\."),
    ("nan", (0, math.inf), r"config\.nan = nan must be 0 or more\."),
  ],
)
def test_other_numbers_are_refused(name, bounds, said):
  with pytest.raises(errors.UserError, match=said):
    fields.check_ranges(CONFIG, {name: bounds})


def test_names_are_known_or_refused_with_the_nearest():
  fields.check_choices(CONFIG, {"a.c": ("red", "blue"), "a.b": (1, 3)})
  with pytest.raises(errors.UserError, match=r"a\.c = 'red' .* did you mean 'read'"):
    fields.check_choices(CONFIG, {"a.c": ("read", "blue")})
  with pytest.raises(errors.UserError, match=r"a\.b = 3 .* known: 1, 2"):
    fields.check_choices(CONFIG, {"a.b": (1, 2)})
