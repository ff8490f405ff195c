"""SIGTERM and Ctrl-C: finish the step, save, then stop."""
import signal

import jax
from jax.experimental import multihost_utils
import numpy as np


class Interrupt:
  """While entered, remembers the first SIGTERM or SIGINT instead of dying of it."""

  def __init__(self):
    self._received = 0
    self._before = {}

  def __enter__(self) -> "Interrupt":
    for number in (signal.SIGTERM, signal.SIGINT):
      self._before[number] = signal.signal(number, self._remember)
    return self

  def __exit__(self, *_) -> None:
    for number, handler in self._before.items():
      signal.signal(number, handler)

  def _remember(self, number: int, frame) -> None:
    del frame
    self._received = number
    signal.signal(number, self._before[number])  # A second one is not held back.

  def received(self) -> int:
    """The signal's number, or 0; the same in every process, which all must ask."""
    if jax.process_count() == 1:
      return self._received
    return int(multihost_utils.process_allgather(np.int32(self._received)).max())
