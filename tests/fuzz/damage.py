"""Strategies: damaged files, JSON with anything in it, and values of fields."""

import copy

from hypothesis import strategies as st

_EDIT = st.tuples(st.floats(0, 1), st.integers(0, 8), st.binary(max_size=8))
NUMBERS = st.integers(-3, 70) | st.integers(-(2**70), 2**70) | st.floats()
TEXTS = st.text(max_size=12) | st.from_regex(r"[-+.:x~,=0-9a-z/]{0,12}", fullmatch=True)
TREES = st.recursive(
  st.none() | st.booleans() | NUMBERS | TEXTS,
  lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
  max_leaves=6,
)


def _edited(data: bytes, edits, kept: float) -> bytes:
  for place, count, new in edits:
    start = int(place * len(data))
    data = data[:start] + new + data[start + count :]
  return data[: int(kept * len(data))]


def damaged(*files: bytes) -> st.SearchStrategy[bytes]:
  """One of some files with a few places changed, perhaps cut off; or any bytes."""
  edits = st.lists(_EDIT, min_size=1, max_size=4)
  kept = st.just(1.0) | st.floats(0, 1)
  return st.builds(_edited, st.sampled_from(files), edits, kept) | st.binary()


def _places(tree, place=()):
  yield place
  if isinstance(tree, dict | list):
    for key in tree if isinstance(tree, dict) else range(len(tree)):
      yield from _places(tree[key], (*place, key))


def _replaced(tree, changes):
  tree = copy.deepcopy(tree)
  for (*groups, last), new in changes:
    inside = tree
    for key in groups:
      inside = inside[key] if isinstance(inside, dict | list) else None
    if isinstance(inside, dict) and new is DELETED:
      inside.pop(last, None)
    elif isinstance(inside, dict | list) and new is not DELETED:
      inside[last] = new
  return tree


DELETED = object()


def altered(tree) -> st.SearchStrategy:
  """A JSON tree with some values deleted or replaced; or any tree."""
  places = [place for place in _places(tree) if place]
  if not places:
    return TREES
  # Inner places last, so that none is gone when its turn comes.
  changes = st.lists(
    st.tuples(st.sampled_from(places), st.just(DELETED) | TREES), min_size=1, max_size=3
  )
  inner_first = lambda pairs: sorted(pairs, key=lambda pair: -len(pair[0]))
  return st.builds(lambda pairs: _replaced(tree, inner_first(pairs)), changes) | TREES


def of_type(value) -> st.SearchStrategy:
  """Values that the command line admits for a field of a config."""
  if isinstance(value, bool):
    return st.booleans()
  if isinstance(value, int):
    return st.integers(-3, 300) | st.integers(-(2**70), 2**70)
  if isinstance(value, float):
    return st.floats() | st.floats(0, 1)
  if isinstance(value, tuple):
    items = st.integers(-3, 70) | st.floats() | TEXTS
    return st.lists(items, max_size=4).map(tuple)
  return TEXTS
