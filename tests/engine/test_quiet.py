"""What Orbax's threads print; everything else is printed as before."""

import asyncio
import logging
import subprocess
import sys
import threading
import types

from absl import logging as absl_logging
import pytest

from jaxgan.engine import quiet


def caught(function):
  """The error of a function, and its traceback within that function."""
  with pytest.raises(Exception) as info:
    function()
  error = info.value
  return type(error), error, error.__traceback__.tb_next.tb_next


def of_orbax():
  """Fails in a file that lies in a folder of that name."""
  code = compile("def fail(): raise OSError('full')", "/lib/orbax/x.py", "exec")
  names = {}
  exec(code, names)
  names["fail"]()


def after_all():
  """Calls a loop that is closed, as TensorStore does when a run has ended."""
  loop = asyncio.new_event_loop()
  loop.close()
  loop.call_soon_threadsafe(print)


@pytest.mark.parametrize("function", [of_orbax, after_all])
def test_orbax_is_not_heard_and_others_are(function, monkeypatch):
  printed = []
  monkeypatch.setattr(
    sys, "excepthook", lambda kind, error, trace: printed.append(error)
  )
  monkeypatch.setattr(threading, "excepthook", lambda args: printed.append(args[1]))
  monkeypatch.setattr(
    sys, "unraisablehook", lambda args: printed.append(args.exc_value)
  )
  quiet.silence()
  quiet.silence()  # Once is enough.
  own = caught(lambda: [].pop())
  for error in (caught(function), (*own[:2], own[1].__traceback__)):
    sys.excepthook(*error)
    threading.excepthook(threading.ExceptHookArgs((*error, None)))
    sys.unraisablehook(
      types.SimpleNamespace(exc_value=error[1], exc_traceback=error[2])
    )
  assert printed == [own[1]] * 3


@pytest.mark.parametrize("function", [of_orbax, lambda: [].pop()])
def test_asyncio_tells_of_other_errors_only(function):
  quiet.silence()
  record = logging.getLogger("asyncio").makeRecord(
    *("asyncio", logging.ERROR, "/lib/asyncio/base_events.py", 1),
    *("exception was never retrieved", (), caught(function)),
  )
  told = absl_logging.get_absl_handler().filter(record)
  assert bool(told) == (function is not of_orbax)


WAITS = """
import threading
from jaxgan import errors

class Waits(threading.Thread):
  def run(self):
    threading.Event().wait(600)

  def join(self, timeout=None):
    raise OSError("as Orbax's threads do")

Waits.__module__ = "orbax.checkpoint"
errors._PATIENCE = 0.1
Waits().start()

def main(argv):
  raise errors.UserError("the disk is full")

errors.run(main)
"""


def test_a_thread_of_orbax_does_not_hold_back_the_end():
  done = subprocess.run(
    [sys.executable, "-c", WAITS], capture_output=True, timeout=60, check=False
  )
  assert done.returncode == 2
  assert done.stderr.splitlines()[-1:] == [b"error: the disk is full"]
