"""Errors that a user can cause, told in one line; and how a verb runs and ends.

Exit status: 0 the work was done; 2 a mistake of the user; 128 + n stopped by signal n.
"""

from collections.abc import Callable, Iterable
import difflib
import logging as standard_logging
import os
import pathlib
import re
import signal
import sys
import threading

from absl import flags, logging

_PATIENCE = 5.0  # Seconds for each of Orbax's threads to end by itself.


class UserError(Exception):
  """An error that the user can mend.

  Its message is one line that names the thing, says what is wrong with it and what to
  do. The verbs print it without a traceback and exit with status 2.
  """


class Interrupted(Exception):
  """A signal stopped the program, after it saved its work."""

  def __init__(self, signal_number: int, message: str):
    super().__init__(message)
    self.exit_status = 128 + signal_number


def expanded(name: str | os.PathLike) -> pathlib.Path:
  """A path that a user wrote, in which ~ is a home folder.

  Raises:
    UserError: there is no such folder.
  """
  try:
    return pathlib.Path(name).expanduser()
  except RuntimeError as error:
    raise UserError(f"{name}: no such home folder; write the path without ~") from error


def printable(text: str) -> str:
  """A text for a terminal, which names in a stranger's file could otherwise steer."""
  return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "?", text)


def nearest(name: str, known: Iterable[str]) -> str:
  """A hint for an unknown name: the nearest known one, or all of them."""
  known = sorted(known)
  close = difflib.get_close_matches(name, known, n=1)
  if close:
    return f"did you mean {close[0]!r}?"
  return f"known: {', '.join(known) or 'none'}."


def run(main: Callable[[list[str]], None], argv: list[str] | None = None) -> None:
  """Runs a verb's main function, logs to standard error, and exits with its status."""
  _log_to_stderr()
  try:
    main(sys.argv if argv is None else argv)
  except UserError as error:
    logging.error("error: %s", " ".join(str(error).split()))
    _exit(2)
  except Interrupted as stop:
    logging.warning("%s", stop)
    _exit(stop.exit_status)
  except KeyboardInterrupt:
    _exit(128 + signal.SIGINT)


def _exit(status: int) -> None:
  """Ends the program, though a thread of Orbax may still wait for a save that failed.

  Python would wait for that thread, and it for as long as a save may take.
  """
  for thread in threading.enumerate():
    if type(thread).__module__.startswith("orbax."):
      threading.Thread.join(thread, _PATIENCE)  # Theirs raises what they failed with.
      if thread.is_alive():
        logging.flush()
        sys.stdout.flush()
        os._exit(status)
  sys.exit(status)


class _Lines(standard_logging.Formatter):
  """The message alone."""

  def format(self, record: standard_logging.LogRecord) -> str:
    return printable(super().format(record))


def _log_to_stderr() -> None:
  """Shows the lines that this package logs, and of other libraries only errors."""
  logging.use_absl_handler()
  flags.FLAGS.mark_as_parsed()  # Else absl logs first that they are not parsed yet.
  logging.set_verbosity(logging.INFO)
  handler = logging.get_absl_handler()
  handler.setFormatter(_Lines("%(message)s"))
  package = str(pathlib.Path(__file__).parent)
  handler.addFilter(
    lambda record: (
      record.levelno >= standard_logging.ERROR or record.pathname.startswith(package)
    )
  )
