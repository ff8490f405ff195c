"""A page with small models, served by a process of its own."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest


class Server:
  """A page that is served, and what it logs."""

  def __init__(self, *arguments, cwd):
    with socket.socket() as free:
      free.bind(("127.0.0.1", 0))
      self.port = free.getsockname()[1]
    begun = time.monotonic()
    self.process = subprocess.Popen(
      [sys.executable, "-m", "jaxgan.app", f"--port={self.port}", *arguments],
      stderr=subprocess.PIPE,
      cwd=cwd,
      env=os.environ | {"TMPDIR": str(cwd)},
      text=True,
    )
    self.lines = []
    for line in self.process.stderr:
      self.lines.append(line)
      if "the page is at" in line:
        break
    else:
      raise AssertionError("".join(self.lines))
    self.seconds = time.monotonic() - begun
    self.url = re.search(r"http://\S+", self.lines[-1])[0]
    threading.Thread(target=self.lines.extend, args=(self.process.stderr,)).start()

  def stop(self, number=signal.SIGTERM):
    self.process.send_signal(number)
    return self.process.wait(60)


@contextlib.contextmanager
def serving(*arguments, cwd):
  server = Server(*arguments, cwd=cwd)
  try:
    yield server
  finally:
    if server.process.poll() is None:
      server.process.kill()
      server.process.wait()


@pytest.fixture(scope="session")
def serve():
  """`serve(*arguments, cwd=folder)` is a context with a `Server`."""
  return serving


@pytest.fixture(scope="session")
def one_image_run(tmp_path_factory):
  return _tiny(tmp_path_factory, "consingan")


@pytest.fixture(scope="session")
def translation_run(tmp_path_factory):
  return _tiny(tmp_path_factory, "siamese")


def _tiny(tmp_path_factory, name):
  workdir = tmp_path_factory.mktemp("runs") / name
  subprocess.run(
    [
      *(sys.executable, "-m", "jaxgan.main", f"--config={name}:tiny"),
      f"--workdir={workdir}",
    ],
    check=True,
    capture_output=True,
  )
  return workdir
