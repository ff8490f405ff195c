"""SIGTERM and Ctrl-C: finish the step, save, then stop."""

import signal
import threading

from absl import logging
import jax
from jax.experimental import multihost_utils
import numpy as np


class Interrupt:
  """While entered, the first SIGTERM or SIGINT is remembered and ends nothing.

  A second one has the effect it had before. Outside the main thread, where Python
  handles no signals, this does nothing.
  """

  def __init__(self):
    self._received = 0
    self._before = {}

  def __enter__(self) -> "Interrupt":
    if threading.current_thread() is threading.main_thread():
      for number in (signal.SIGTERM, signal.SIGINT):
        self._before[number] = signal.signal(number, self._remember)
    return self

  def __exit__(self, *_) -> None:
    while self._before:
      number, handler = self._before.popitem()
      signal.signal(number, signal.SIG_DFL if handler is None else handler)

  def _remember(self, number: int, frame) -> None:
    del frame
    self._received = number
    self.__exit__()
    # From a thread of its own, since this one may be in the middle of logging.
    threading.Thread(target=_log, args=(number,)).start()

  def received(self) -> int:
    """The signal's number, or 0; the same in every process, which all must ask."""
    if jax.process_count() == 1:
      return self._received
    return int(multihost_utils.process_allgather(np.int32(self._received)).max())


def _log(number: int) -> None:
  logging.warning(
    "signal %d: saving after this step; a second one stops at once", number
  )
