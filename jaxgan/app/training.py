"""Trainings that visitors begin: each a process of `python -m jaxgan.main`."""

import pathlib
import secrets
import shutil
import subprocess
import sys
import threading
import time

from jaxgan.app import watch
from jaxgan.errors import UserError

PATIENCE = 30  # Seconds that a training has to save its work after it is told to stop.


class Trainings:
  """The trainings of the page, one at a time, each in a folder of its own.

  Args:
    folder: holds their folders.
    is_kept: whether it is still there when the page has stopped.
  """

  def __init__(self, folder: pathlib.Path, is_kept: bool):
    self.folder, self.is_kept = folder, is_kept
    self._lock = threading.Lock()
    self._process: subprocess.Popen | None = None
    self.workdir: pathlib.Path | None = None

  def start(self, config: str, *fields: str) -> None:
    """Begins one.

    Args:
      config: such as "consingan:preview".
      fields: such as "image=PHOTO.jpg".

    Raises:
      UserError: another one goes on.
    """
    with self._lock:
      if self.running():
        raise UserError("another training goes on: wait for it, or stop it.")
      stamp = time.strftime("%Y%m%d-%H%M%S")
      self.workdir = self.folder / f"{config.partition(':')[0]}-{stamp}"
      self.workdir.mkdir(parents=True, exist_ok=True)
      command = [sys.executable, "-m", "jaxgan.main", f"--config={config}"]
      command += [f"--workdir={self.workdir}", *(f"--config.{x}" for x in fields)]
      with self._log().open("w") as log:
        self._process = subprocess.Popen(
          command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )

  def keep(self, upload: pathlib.Path) -> pathlib.Path:
    """A copy of an uploaded picture that is there as long as the trainings are."""
    self.folder.mkdir(parents=True, exist_ok=True)
    copy = self.folder / f"{secrets.token_hex(8)}{upload.suffix}"
    shutil.copyfile(upload, copy)
    return copy

  def _log(self) -> pathlib.Path:
    return self.workdir / "log.txt"

  def running(self) -> bool:
    """Whether one goes on."""
    return self._process is not None and self._process.poll() is None

  def finished(self) -> bool:
    """Whether the last one ended as it should."""
    return self._process is not None and self._process.poll() == 0

  def stop(self) -> None:
    """Ends the one that goes on; what it has learned is saved."""
    if self.running():
      self._process.terminate()
      try:
        self._process.wait(PATIENCE)
      except subprocess.TimeoutExpired:
        self._process.kill()
        self._process.wait()

  def told(self) -> str:
    """How far the last one is, in a line."""
    if self._process is None:
      return ""
    line = watch.read(self.workdir).line()
    if self.running():
      return f"Training: {line}"
    if self.finished():
      return f"Done: {line}. The model is in the list."
    if self._process.returncode > 128 or self._process.returncode < 0:
      return f"Stopped: {line}."
    last = self._log().read_text(errors="replace").strip().splitlines()[-1:]
    return f"Failed: {' '.join(last)}"
