"""A trace of some steps by `jax.profiler`, on request; and the peak memory."""

import pathlib
import resource
from typing import NamedTuple

from absl import logging
import jax


def peak_memory_mib() -> float:
  """Peak memory of the device, or of this process where the device is the CPU."""
  stats = jax.local_devices()[0].memory_stats() or {}
  peak = stats.get("peak_bytes_in_use")
  if peak is None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
  return round(peak / 2**20, 1)


class Profile(NamedTuple):
  """Which steps to trace: `steps` of them, `after` so many that compile and warm up."""

  steps: int = 0
  after: int = 10


class Profiler:
  """Traces part of a run, once; entered around it, so that no trace is left open.

  Args:
    profile: which steps; where a call runs several, whole calls are traced.
    folder: where the trace goes.
  """

  def __init__(self, profile: Profile, folder: pathlib.Path):
    self._left, self._after = profile.steps, profile.after
    self._folder = folder
    self._tracing = False

  def __enter__(self) -> "Profiler":
    return self

  def __exit__(self, *_) -> None:
    self._stop()

  def before_call(self) -> None:
    """Starts the trace if it is time."""
    if self._left > 0 and self._after <= 0 and not self._tracing:
      jax.profiler.start_trace(str(self._folder))
      self._tracing = True

  def after_call(self, steps: int) -> None:
    """Counts the steps of a call that has ended; stops if they are enough."""
    if self._tracing:
      self._left -= steps
    self._after -= steps
    if self._left <= 0:
      self._stop()

  def _stop(self) -> None:
    if self._tracing:
      self._tracing = False
      jax.profiler.stop_trace()
      logging.info("profile in %s", self._folder)
