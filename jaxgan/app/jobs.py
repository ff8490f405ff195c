"""Running a task for a visitor: in a folder of its own, with progress and an end."""

from collections.abc import Callable, Iterable, Iterator, Mapping
import contextlib
import hashlib
import os
import pathlib
import re
import secrets
import shutil
import threading
import time
from typing import Any
import zipfile

from absl import logging
import gradio as gr

from jaxgan import errors, options, progress
from jaxgan.app import library, safety
from jaxgan.images import writer

LIMIT = 30 * 60  # Seconds that a task may take.
KEPT = 60 * 60  # Seconds for which results and uploads are kept.
PATIENCE = 20  # Seconds that a task has to end when the page is stopped.
LEAST_DISK = 2**30  # Bytes that stay free.
SHOWN = (".png", ".jpg", ".jpeg", ".webp", ".gif")  # What browsers show as an image.
# Two kinds of work go on at the same time: what takes seconds, and what may take long.
QUICK = {"concurrency_id": "quick", "concurrency_limit": 1}
SLOW = {"concurrency_id": "slow", "concurrency_limit": 1}

Tell = Callable[[float, str], None]  # How much is done, from 0 to 1, and of what.


def formats(task: Callable) -> list[str]:
  """The kinds of output that a task's docstring names, the usual one first.

  Those are suffixes, and "folder" for many files, which visitors get as one .zip.
  """
  text = re.split(r"\n\s*Args:", task.__doc__ or "")[0]
  found = [f".{x}" for x in re.findall(r"\.(png|gif|webp|mp4|npy|tiff?|jpg)\b", text)]
  known = list(dict.fromkeys(found)) or [".png", ".jpg", ".tif"]
  return known + (["folder"] if "folder" in text else [])


class Jobs:
  """Runs tasks.

  Args:
    models: whose tasks they are.
    folder: for results; what lies there is removed after an hour.
    limit: seconds that a task may take.
  """

  def __init__(
    self, models: library.Library, folder: pathlib.Path, limit: float = LIMIT
  ):
    self.models, self.folder, self._limit = models, folder, limit
    self._running, self._closing = 0, False
    self._changed = threading.Condition()

  def run(
    self,
    model: str,
    task: str,
    values: Mapping[str, Any],
    form: str = ".png",
    tell: Tell | None = None,
  ) -> pathlib.Path:
    """Runs a task and returns its file, or its folder.

    Args:
      model: its name in the library.
      task: its name.
      values: of its options; those of which nothing is known take their defaults.
      form: a suffix, or "folder".
      tell: hears how far it is.

    Raises:
      gr.Error: with one line for the visitor.
    """
    with explained(self.folder), self._counted():
      function = self.models.task(model, task)
      if not re.fullmatch(r"\.\w+|folder", form):
        raise errors.UserError(f"{form} is no format.")
      self.check(values)
      given = options.parsed(function, values)
      output = self.new_folder() / (task if form == "folder" else task + form)
      with progress.listening(self._listener(tell)):
        return options.call(function, self.models.run(model), output, **given)

  @contextlib.contextmanager
  def _counted(self) -> Iterator[None]:
    """Counts a task while it runs."""
    with self._changed:
      self._running += 1
    try:
      yield
    finally:
      with self._changed:
        self._running -= 1
        self._changed.notify_all()

  def close(self) -> None:
    """Ends the tasks that run, which write to the folder, and waits for them."""
    self._closing = True
    with self._changed:
      self._changed.wait_for(lambda: not self._running, PATIENCE)

  def check(self, values: Mapping[str, Any]) -> None:
    """Checks uploads, and refuses the names of other files, with a UserError."""
    for name, value in values.items():
      text = "" if value is None else str(value)
      is_one = self._is_upload(text) and pathlib.Path(text).is_file()
      for item in [text] if is_one else text.split(","):
        path = re.sub(r":[\d.e+-]+$", "", item)  # Of several, with their weights.
        if self._is_upload(path):
          safety.check_upload(pathlib.Path(path))
        else:
          safety.check_text(name, item.strip())

  def _is_upload(self, text: str) -> bool:
    path = pathlib.Path(text)
    return path.is_absolute() and path.resolve().is_relative_to(self.folder)

  def new_folder(self) -> pathlib.Path:
    """A new folder whose name nobody can guess; old ones are removed."""
    for old in self.folder.iterdir():
      with contextlib.suppress(OSError):  # Another thread may have removed it.
        if time.time() - old.stat().st_mtime > KEPT:
          shutil.rmtree(old, ignore_errors=True)
    new = self.folder / secrets.token_hex(16)
    new.mkdir()
    return new

  def copies(self, paths: Iterable[str]) -> list[str]:
    """Copies of pictures in this folder, from which alone anything is served."""
    found = []
    for path in map(pathlib.Path, paths):
      with contextlib.suppress(OSError):  # It was removed meanwhile.
        text = f"{path}{path.stat().st_mtime_ns}{os.getpid()}"
        copy = self.folder / hashlib.sha256(text.encode()).hexdigest() / path.name
        if not copy.exists():
          writer.write_whole(copy, path.read_bytes())
        found.append(str(copy))
    return found

  def _listener(self, tell: Tell | None) -> progress.Listener:
    end = time.monotonic() + self._limit

    def listener(description: str, done: int, total: int) -> None:
      if self._closing:
        raise errors.UserError("the page is being stopped.")
      if time.monotonic() > end:
        raise errors.UserError(
          f"this took over {self._limit / 60:g} minutes and was stopped: ask for less."
        )
      if shutil.disk_usage(self.folder).free < LEAST_DISK:
        raise errors.UserError("the disk is nearly full: ask for less.")
      if tell:
        tell(min(done / max(total, 1), 1.0), description)  # Totals may be guesses.

    return listener


@contextlib.contextmanager
def explained(folder: pathlib.Path) -> Iterator[None]:
  """Turns what goes wrong into one line for the visitor, who knows no options."""
  try:
    yield
  except gr.Error:
    raise
  except (errors.UserError, OSError) as error:
    raise gr.Error(_plain(str(error), folder), print_exception=False) from error
  except MemoryError as error:
    line = "there is not enough memory for this: ask for less."
    raise gr.Error(line, print_exception=False) from error
  except Exception as error:
    logging.exception("a task failed")
    line = f"this failed ({type(error).__name__}); the page's log tells more."
    raise gr.Error(line, print_exception=False) from error


def _plain(text: str, folder: pathlib.Path) -> str:
  """A line of the command line's without options and the page's own folders."""
  text = re.sub(rf"{re.escape(str(folder.parent))}/(?:[\w.-]+/)*", "", text)
  text = re.sub(r"--(\w+)=(?=\S)", r"\1: ", text)
  return " ".join(re.sub(r"--(\w+)=?", r"\1", text).split())


def files(made: pathlib.Path) -> tuple[list[str], str]:
  """(images that a browser shows, the file to download) of a task's result."""
  if made.is_file():
    return ([str(made)] if made.suffix in SHOWN else []), str(made)
  inside = sorted(path for path in made.rglob("*") if path.is_file())
  return [str(path) for path in inside if path.suffix in SHOWN], zipped(made)


def zipped(folder: pathlib.Path) -> str:
  """Everything in a folder as one file beside it."""
  target = folder.with_name(f"{folder.name}.zip")
  with zipfile.ZipFile(target, "w") as archive:
    for path in sorted(folder.rglob("*")):
      archive.write(path, path.relative_to(folder))
  return str(target)


def listed(path: str) -> str:
  """The path of a copy of an upload, which commas can separate from others."""
  suffix = pathlib.Path(path).suffix
  name = f"image{suffix}" if suffix[1:].isalnum() else "image"
  copy = pathlib.Path(path).with_name(name)
  if not copy.exists():  # Each upload has a folder of its own.
    shutil.copyfile(path, copy)
  return str(copy)


def upload(path: str | None, what: str = "a picture") -> str:
  """The path of an upload. Raises gr.Error if there is none."""
  if not path:
    raise gr.Error(f"choose {what} first.", print_exception=False)
  return path
