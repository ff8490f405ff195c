"""Sets of images as one uint8 array, decoded once and memory-mapped."""

import dataclasses

from absl import logging
import numpy as np

from jaxgan import errors
from jaxgan.data import sources, store
from jaxgan.data.labels import find_class, from_csv, from_folders


class Rows:
  """Some rows of an array, gathered when they are read.

  It has an array's `shape`, `dtype`, `len`, indexing and `take`, and NumPy turns
  it into one; nothing is copied before.
  """

  def __init__(self, array: np.ndarray, index: np.ndarray):
    self._array, self._index = array, index
    self.shape, self.dtype = (len(index), *array.shape[1:]), array.dtype
    self.ndim = array.ndim

  def __len__(self) -> int:
    return len(self._index)

  def __getitem__(self, item):
    first, *rest = item if isinstance(item, tuple) else (item,)
    if first is Ellipsis or first is None:
      return np.asarray(self)[item]
    if isinstance(first, slice):  # In one go, a list in `rest` would pair with it.
      return np.asarray(self._array[self._index[first]])[(slice(None), *rest)]
    return np.asarray(self._array[(self._index[first], *rest)])

  def __array__(self, dtype=None, copy=None) -> np.ndarray:
    if copy is False:
      raise ValueError("gathering rows needs a copy")
    return np.asarray(self._array[self._index], dtype)

  def take(self, indices, axis=0, out=None, mode="raise") -> np.ndarray:
    """As `np.ndarray.take`, along the first axis."""
    if axis != 0:
      raise ValueError(f"axis is {axis}, must be 0")
    return self._array.take(self._index[indices], axis=0, out=out, mode=mode)

  def select(self, index: np.ndarray) -> "Rows":
    """Rows of these rows."""
    return Rows(self._array, self._index[index])


@dataclasses.dataclass(frozen=True)
class Packed:
  """Images of one size with their labels.

  Attributes:
    images: uint8 [n, h, w, c], usually memory-mapped; `Rows` after `select`.
    labels: attribute -> int32 [n]; -1 means unknown.
    classes: attribute -> the names of its values, in the order of the integers.
    skipped: how many unreadable files were left out.
  """

  images: np.ndarray | Rows
  labels: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
  classes: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
  skipped: int = 0

  def __len__(self) -> int:
    return len(self.images)

  def select(self, index: np.ndarray) -> "Packed":
    """The rows that `index` (integers or a mask) names; no image is copied."""
    index = np.arange(len(self))[index]
    if isinstance(self.images, Rows):
      images = self.images.select(index)
    else:
      images = Rows(self.images, index)
    labels = {name: values[index] for name, values in self.labels.items()}
    return dataclasses.replace(self, images=images, labels=labels)


def load(
  path: str,
  *,
  size: tuple[int, int],
  channels: int = 3,
  split: str = "train",
  only: str = "",
  labels: str = "",
  num_drawn: int = 20_000,
  cache: str = "",
) -> Packed:
  """Loads a set of images, decoding it into the cache the first time.

  Args:
    path: a folder of images of any size; "tfds:NAME"; a .npy file (uint8
      [n, h, w] or [n, h, w, c]); an idx file, gzipped or not, or the folder with
      MNIST's four; "" for faces that the program draws itself.
    size: (height, width) in pixels; the shortest side is scaled, the center cut.
    channels: 1 or 3.
    split: a subfolder of a folder, a split of a TFDS name, "train" or "test" of
      MNIST's files and of drawn faces.
    only: keeps one class: "horse", or "hair=blue" where attributes share a name.
      Images without any classes are all kept, and the log says so.
    labels: a CSV file `file,attribute,...` (for a .npy, rows' numbers instead of
      files; FILE.csv beside FILE.npy is used unasked).
    num_drawn: how many faces to draw.
    cache: the cache's root; "" for $JAXGAN_CACHE or ~/.cache/jaxgan.

  Raises:
    UserError: there is no such path, split, class, or no usable image.
  """
  if len(size) != 2 or min(size) < 1:
    raise errors.UserError(
      f"config.data.size = {tuple(size)} must be (height, width), each at least 1."
    )
  if channels not in (1, 3):
    raise errors.UserError(f"config.data.channels = {channels} must be 1 or 3.")
  size = (int(size[0]), int(size[1]))
  source = sources.find(
    path, size=size, channels=channels, split=split, num_drawn=num_drawn
  )
  entry = store.fetch(source, size=size, channels=channels, root=cache)
  names = [source.names[i] for i in entry.kept]
  labels = labels or source.labels_path
  attributes, classes = dict(entry.labels), dict(source.classes)
  for found in (from_folders(names), from_csv(labels, names) if labels else ({}, {})):
    attributes |= found[0]
    classes |= found[1]
  skipped = len(source.names) - len(names)
  packed = Packed(entry.images, attributes, classes, skipped)
  if only and not classes:
    logging.info("%s has no classes: only=%s keeps all of it", source.title, only)
  elif only:
    attribute, value = find_class(only, classes)
    packed = packed.select(attributes[attribute] == value)
  return packed


def split_off(packed: Packed, count: int, seed: int = 0) -> tuple[Packed, Packed]:
  """Splits `count` images off: (training, held out), the same for the same seed.

  Raises:
    UserError: `count` leaves no image to train on.
  """
  if not 0 <= count < len(packed):
    raise errors.UserError(
      f"cannot hold out {count} of {len(packed)} images; hold out fewer"
    )
  # NumPy keeps RandomState's numbers the same in every version.
  order = np.random.RandomState(seed).permutation(len(packed))
  return packed.select(np.sort(order[count:])), packed.select(np.sort(order[:count]))
