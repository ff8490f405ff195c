"""What Orbax's threads print; everything else is printed as before."""

import asyncio
import sys
import threading

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
  quiet.silence()
  quiet.silence()  # Once is enough.
  own = caught(lambda: [].pop())
  for error in (caught(function), (*own[:2], own[1].__traceback__)):
    sys.excepthook(*error)
    threading.excepthook(threading.ExceptHookArgs((*error, None)))
  assert printed == [own[1], own[1]]
