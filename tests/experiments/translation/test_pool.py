"""The pool of earlier translations, by hand and by its statistics."""

import jax
import numpy as np

from jaxgan.experiments.translation import pool


def _images(*numbers):
  return np.float32(numbers)[:, None, None, None] * np.ones((2, 2, 3), np.float32)


def _numbers(images):
  return np.asarray(images)[:, 0, 0, 0].tolist()


def test_exchange_by_hand():
  state = pool.create(2, 2)
  for new, replace, slot, shown, kept in (
    (1, True, 1, 1, [1, 0]),  # While there is room, all are stored and shown.
    (2, True, 0, 2, [1, 2]),
    (3, False, 0, 3, [1, 2]),
    (4, True, 0, 1, [4, 2]),
    (5, False, 1, 5, [4, 2]),
    (6, True, 0, 4, [6, 2]),
  ):
    state, got = pool.exchange(state, _images(new), np.array([replace]), [slot])
    assert (_numbers(got), _numbers(state.images)) == ([shown], kept)
  # An image may be shown in place of a later one of the same batch.
  state, got = pool.exchange(state, _images(7, 8), np.array([True, True]), [1, 1])
  assert (_numbers(got), _numbers(state.images)) == ([2, 7], [6, 8])


def test_without_a_pool_all_are_shown():
  empty = pool.create(0, 2)
  state, got = pool.exchange(empty, _images(1, 2), *pool.draw(jax.random.key(0), 2, 0))
  assert _numbers(got) == [1, 2] and state is empty


def test_half_of_the_shown_are_new_and_the_others_a_hundred_steps_old():
  def step(state, number):
    image = jax.numpy.full((1, 1, 1, 3), number)
    chances = pool.draw(jax.random.fold_in(jax.random.key(0), number), 1, 50)
    state, shown = pool.exchange(state, image, *chances)
    return state, number - shown[0, 0, 0, 0]

  numbers = np.arange(4_000, dtype=np.float32).astype(np.int32)
  _, ages = jax.jit(lambda state: jax.lax.scan(step, state, numbers))(
    pool.create(50, 1)
  )
  ages = np.asarray(ages)[500:]
  assert abs((ages == 0).mean() - 0.5) < 0.03
  old = ages[ages > 0]
  assert abs(old.mean() - 100) < 10 and abs(np.median(old) - 69) < 10
