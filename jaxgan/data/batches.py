"""Batches as a pure function of the seed and the step."""

from collections.abc import Callable
import functools

import numpy as np

from jaxgan.data.packed import Packed


def batches(
  packed: Packed, *, batch_size: int, seed: int
) -> Callable[[int, int], dict[str, np.ndarray]]:
  """Makes the function that reads batches.

  The images of one epoch are a permutation that depends on the seed and the
  epoch; epochs follow each other without a gap, so a batch may hold the end of
  one and the beginning of the next. There is no state to save: a run that
  resumes at a step reads what it would have read.

  Args:
    packed: the images, n of them.
    batch_size: how many images a step takes; may exceed n.
    seed: of the permutations.

  Returns:
    f(first_step, count) -> {"image": uint8 [count, batch, h, w, c],
    attribute: int32 [count, batch]}.
  """
  size = len(packed)
  if size < 1 or batch_size < 1:
    raise ValueError(f"cannot take batches of {batch_size} from {size} images")

  # A batch straddles two epochs at most unless the set is tiny.
  @functools.lru_cache(maxsize=2)
  def permutation(epoch):
    # NumPy keeps RandomState's numbers the same in every version.
    bits = np.random.MT19937(np.random.SeedSequence((seed, epoch)))
    return np.random.RandomState(bits).permutation(size)

  def rows(first, stop):
    """The images at positions [first, stop) of the endless sequence."""
    parts = []
    for epoch in range(first // size, -(-stop // size)):
      start = epoch * size
      parts.append(permutation(epoch)[max(first - start, 0) : stop - start])
    return np.concatenate(parts)

  def read(first_step, count):
    shape = (count, batch_size)
    index = rows(first_step * batch_size, (first_step + count) * batch_size)
    image = np.empty((len(index), *packed.images.shape[1:]), np.uint8)
    # Any other mode than "raise" lets NumPy write to `out` without a copy.
    packed.images.take(index, axis=0, out=image, mode="clip")
    batch = {"image": image.reshape(*shape, *image.shape[1:])}
    for attribute, values in packed.labels.items():
      batch[attribute] = values[index].reshape(shape)
    return batch

  return read
