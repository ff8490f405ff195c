"""Packed images are read, selected and divided like arrays."""

import numpy as np
import pytest

from jaxgan import errors
from jaxgan.data import packed
from tests.data.folders import grays, load, paint


@pytest.mark.parametrize(
  ("options", "complaint"),
  [
    ({"size": (0, 0)}, r"config\.data\.size = \(0, 0\)"),
    ({"channels": 4}, r"config\.data\.channels = 4"),
  ],
)
def test_what_cannot_be_made_is_named(tmp_path, options, complaint):
  with pytest.raises(errors.UserError, match=complaint):
    load(paint(tmp_path / "x", {"a.png": 1}), **options)


def test_split_off_is_disjoint_whole_and_stable(tmp_path):
  folder = paint(tmp_path / "x", {f"{i:02}.png": i for i in range(20)})
  train, held = packed.split_off(load(folder), 5)
  assert len(train) == 15 and len(held) == 5
  assert sorted(grays(train) + grays(held)) == list(range(20))
  assert grays(packed.split_off(load(folder), 5)[1]) == grays(held)
  assert grays(packed.split_off(load(folder), 5, seed=1)[1]) != grays(held)
  with pytest.raises(errors.UserError, match="cannot hold out 20"):
    packed.split_off(load(folder), 20)


def test_rows_are_read_like_an_array():
  array = np.arange(120).reshape(5, 4, 3, 2).astype(np.uint8)
  index = np.array([4, 0, 3])
  rows = packed.Packed(array).select(index).images
  expected = array[index]
  assert rows.shape == expected.shape and len(rows) == 3 and rows.ndim == 4
  for item in (
    0,
    -1,
    slice(1, 3),
    [2, 0],
    (1, 2),
    (slice(None), slice(0, 2)),
    ([0, 2], slice(None), [1, 2]),
    (slice(None), [1, 2, 3], 0),
    (..., 0),
    np.array([True, False, True]),
  ):
    np.testing.assert_array_equal(rows[item], expected[item])
  np.testing.assert_array_equal(np.asarray(rows, np.float32), expected)
  out = np.empty((2, 4, 3, 2), np.uint8)
  rows.take([2, 1], axis=0, out=out, mode="clip")
  np.testing.assert_array_equal(out, expected[[2, 1]])
  again = packed.Packed(rows).select(np.array([False, True, True])).images
  np.testing.assert_array_equal(again, expected[1:])
