"""How far a long piece of work is: a bar on a terminal, else a line now and then.

Whoever runs the work can listen to it, and stop it.
"""

from collections.abc import Callable, Iterator
import contextlib
import contextvars
import time

from absl import logging
import tqdm

_LOG_SECONDS = 10.0

# Is told what is done, how much of it, and of how much: (description, done, total).
# What it raises ends the work.
Listener = Callable[[str, int, int], None]
_listener: contextvars.ContextVar[Listener | None] = contextvars.ContextVar(
  "listener", default=None
)


@contextlib.contextmanager
def listening(listener: Listener) -> Iterator[None]:
  """While entered, the listener hears of all that this thread tracks."""
  token = _listener.set(listener)
  try:
    yield
  finally:
    _listener.reset(token)


@contextlib.contextmanager
def track(
  total: int, description: str, *, unit: str = "images"
) -> Iterator[Callable[[int], None]]:
  """Shows how far a loop is.

  Args:
    total: how many there are.
    description: what is done, such as "packing photos".
    unit: what is counted.

  Yields:
    A function that is told how many more are done.
  """
  done, logged, listener = 0, time.monotonic(), _listener.get()
  if listener:
    listener(description, 0, total)
  # disable=None: no bar unless a terminal shows it.
  with tqdm.tqdm(total=total, desc=description, unit=f" {unit}", disable=None) as bar:

    def advance(count: int = 1) -> None:
      nonlocal done, logged
      done += count
      bar.update(count)
      if listener:
        listener(description, done, total)
      if bar.disable and time.monotonic() - logged > _LOG_SECONDS:
        logged = time.monotonic()
        logging.info("%s: %d of %d %s", description, done, total, unit)

    yield advance
