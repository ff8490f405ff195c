"""How far a long piece of work is: a bar on a terminal, else a line now and then."""

from collections.abc import Callable, Iterator
import contextlib
import time

from absl import logging
import tqdm

_LOG_SECONDS = 10.0


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
  done, logged = 0, time.monotonic()
  # disable=None: no bar unless a terminal shows it.
  with tqdm.tqdm(total=total, desc=description, unit=f" {unit}", disable=None) as bar:

    def advance(count: int = 1) -> None:
      nonlocal done, logged
      done += count
      bar.update(count)
      if bar.disable and time.monotonic() - logged > _LOG_SECONDS:
        logged = time.monotonic()
        logging.info("%s: %d of %d %s", description, done, total, unit)

    yield advance
