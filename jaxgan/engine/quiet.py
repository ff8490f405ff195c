"""Keeps Orbax from telling at length of errors that it raises as well.

Ours are one line. It logs them, and threads of its own print them, also those that only
follow from the first error.
"""

from collections.abc import Callable
import pathlib
import sys
import threading
import traceback
import types
from typing import Any

from absl import logging


def _not_of_orbax(record: Any) -> bool:
  """Whether a log record is neither Orbax's nor asyncio's of an error in Orbax."""
  trace = record.exc_info[2] if record.exc_info else None
  return "orbax" not in pathlib.Path(record.pathname).parts and not _is_orbax(trace)


def silence() -> None:
  """From now on Orbax logs nothing, and its threads and callbacks print nothing.

  To the end: its threads may fail when the run has told its line.
  """
  logging.get_absl_handler().addFilter(_not_of_orbax)  # Once, however often called.
  for module, name in (
    (sys, "excepthook"),
    (sys, "unraisablehook"),
    (threading, "excepthook"),
  ):
    hook = getattr(module, name)
    if not hasattr(hook, "silenced"):
      setattr(module, name, _without_orbax(hook))


def _without_orbax(hook: Callable) -> Callable:
  """A hook that is told of errors, for all but Orbax's."""

  def quiet(*args):
    error = args[0] if len(args) == 1 else types.SimpleNamespace(exc_traceback=args[2])
    if not _is_orbax(error.exc_traceback):
      hook(*args)

  quiet.silenced = True
  return quiet


def _is_orbax(trace: types.TracebackType | None) -> bool:
  """Whether it passes through Orbax, or is of asyncio alone: a callback after all."""
  files = [pathlib.Path(frame.filename).parts for frame in traceback.extract_tb(trace)]
  return any("orbax" in parts for parts in files) or (
    bool(files) and all("asyncio" in parts for parts in files)
  )
