"""Whoever runs long work hears how far it is, and can stop it."""

import threading

import pytest

from jaxgan import progress


def work(count=3):
  with progress.track(count, "painting") as advance:
    for _ in range(count):
      advance()


def test_a_listener_hears_of_every_step():
  heard = []
  with progress.listening(lambda *far: heard.append(far)):
    work()
  work()  # Nobody listens any more.
  assert heard == [("painting", done, 3) for done in range(4)]


def test_what_a_listener_raises_ends_the_work():
  def stop(description, done, total):
    if done == 2:
      raise TimeoutError(description)

  with pytest.raises(TimeoutError, match="painting"), progress.listening(stop):
    work(count=10**9)


def test_threads_have_listeners_of_their_own():
  heard = []
  with progress.listening(lambda *far: heard.append(far)):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
  assert heard == []
