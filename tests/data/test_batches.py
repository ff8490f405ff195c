"""Batches are a pure function of the seed and the step."""

import numpy as np
import pytest

from jaxgan.data import batches, packed


def numbered(count):
  """Images whose every pixel is the image's number, with that number as a label."""
  number = np.arange(count)
  images = np.broadcast_to(number[:, None, None, None], (count, 2, 3, 1))
  return packed.Packed(images.astype(np.uint8), {"number": number.astype(np.int32)}, {})


def drawn_order(read, count):
  return read(0, count)["number"].ravel()


def test_shapes_and_labels_go_along():
  batch = batches.batches(numbered(10), batch_size=4, seed=0)(3, 5)
  assert batch["image"].shape == (5, 4, 2, 3, 1) and batch["image"].dtype == np.uint8
  assert batch["number"].shape == (5, 4) and batch["number"].dtype == np.int32
  np.testing.assert_array_equal(batch["image"][..., 0, 0, 0], batch["number"])


@pytest.mark.parametrize("batch_size", [1, 4, 10, 23])
def test_any_division_of_the_steps_gives_the_same(batch_size):
  read = batches.batches(numbered(10), batch_size=batch_size, seed=7)
  whole = read(2, 9)
  fresh = batches.batches(numbered(10), batch_size=batch_size, seed=7)
  late, early = fresh(6, 5), fresh(2, 4)
  for name in whole:
    np.testing.assert_array_equal(
      whole[name], np.concatenate([early[name], late[name]])
    )


@pytest.mark.parametrize("batch_size", [3, 10, 25])
def test_every_image_once_an_epoch_even_when_batches_straddle(batch_size):
  read = batches.batches(numbered(10), batch_size=batch_size, seed=1)
  order = drawn_order(read, 40)[:100].reshape(-1, 10)
  np.testing.assert_array_equal(np.sort(order, 1), [range(10)] * 10)
  assert len({tuple(epoch) for epoch in order}) > 1


def test_seeds_differ_and_repeat():
  orders = [
    drawn_order(batches.batches(numbered(50), batch_size=5, seed=seed), 20)
    for seed in (0, 1, 0)
  ]
  assert (orders[0] != orders[1]).any()
  np.testing.assert_array_equal(orders[0], orders[2])


def test_the_order_never_changes():
  """Golden numbers: a change would make runs resume with other images."""
  read = batches.batches(numbered(8), batch_size=8, seed=3)
  np.testing.assert_array_equal(
    read(0, 2)["number"], [[1, 0, 2, 7, 5, 3, 6, 4], [3, 0, 4, 6, 2, 7, 1, 5]]
  )


def test_selected_rows_are_sampled_from_the_selection():
  chosen = numbered(10).select(np.array([7, 2, 5]))
  batch = batches.batches(chosen, batch_size=3, seed=0)(0, 4)
  np.testing.assert_array_equal(np.sort(batch["number"], 1), [[2, 5, 7]] * 4)
  np.testing.assert_array_equal(batch["image"][..., 0, 0, 0], batch["number"])


def test_nothing_to_sample_is_refused():
  with pytest.raises(ValueError, match="from 0 images"):
    batches.batches(numbered(0), batch_size=2, seed=0)
