"""An event file for TensorBoard, written at once and in the caller's thread.

tensorboardX encodes the summaries and the records. Its `SummaryWriter` is not used: on
a full disk its thread ends, and the program waits for it forever; and it overwrites the
file of a run that was stopped within the same second.
"""

import contextlib
import os
import pathlib
import sys
import time


@contextlib.contextmanager
def _without_torch():
  """Imports as if PyTorch were not installed, unless it is loaded already."""
  if "torch" in sys.modules:
    yield
    return
  sys.modules["torch"] = None
  try:
    yield
  finally:
    del sys.modules["torch"]


# tensorboardX would load PyTorch, which takes seconds and is not needed here.
with _without_torch():
  from tensorboardX import event_file_writer, summary
  from tensorboardX.proto import event_pb2, summary_pb2

FLUSH_SECONDS = 10


class EventFile:
  """One process's events of a run.

  Args:
    folder: where the file is made.
    purge_step: TensorBoard hides the events of earlier files in the folder that are of
      this step or later ones.

  Raises:
    OSError: here and in every method, if it cannot be written.
  """

  def __init__(self, folder: pathlib.Path, *, purge_step: int):
    self._writer = event_file_writer.EventsWriter(
      str(folder / "events"), f".{os.getpid()}.{time.monotonic_ns()}"
    )
    self._flushed = time.monotonic()
    start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    self._write(event_pb2.Event(session_log=start, step=purge_step))

  def options(self, values: dict[str, bool | float | str]) -> None:
    """Adds what a run was started with, for the tab that compares runs."""
    for value in summary.hparams(values, {}):
      self._add(0, value)

  def text(self, name: str, text: str) -> None:
    """Adds a text in Markdown."""
    self._add(0, summary.text(name, text))

  def scalar(self, step: int, name: str, value: float) -> None:
    """Adds a number."""
    self._add(
      step,
      summary_pb2.Summary(
        value=[summary_pb2.Summary.Value(tag=name, simple_value=value)]
      ),
    )

  def png(self, step: int, name: str, encoded: bytes, shape: tuple[int, ...]) -> None:
    """Adds an encoded image of shape [height, width, channels]."""
    image = summary_pb2.Summary.Image(
      encoded_image_string=encoded, height=shape[0], width=shape[1], colorspace=shape[2]
    )
    self._add(
      step,
      summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=name, image=image)]),
    )

  def _add(self, step: int, value: summary_pb2.Summary) -> None:
    self._write(event_pb2.Event(summary=value, step=step))

  def _write(self, event: event_pb2.Event) -> None:
    event.wall_time = time.time()
    self._writer.write_event(event)
    if time.monotonic() > self._flushed + FLUSH_SECONDS:
      self.flush()

  def flush(self) -> None:
    """Brings to the disk what was added."""
    self._writer.flush()
    self._flushed = time.monotonic()

  def close(self) -> None:
    """Flushes and closes."""
    self._writer.close()
