"""The records of a run: TensorBoard events, metrics.jsonl, PNG grids, a bar or lines.

Only process 0 writes.
"""

from collections.abc import Callable, Iterator, Mapping
import contextlib
import json
import pathlib
import sys
import time
from typing import Any

from absl import logging
import jax
import numpy as np
import tqdm

from jaxgan.engine import run_files, tensorboard
from jaxgan.errors import UserError
from jaxgan.images import pixels, sheets, writer

PROGRESS = "progress.json"  # How far a run is, for those who watch it.
MOST_SHOWN = 16  # Numbers in a line of the log: with many styles there are a hundred.


class Summaries:
  """Writes a run's numbers and images to its folder.

  Every method raises UserError if its files cannot be written.

  Args:
    workdir: holds `metrics.jsonl`, `progress.json`, `images/` and TensorBoard's event
      files.
    first_step: where this process starts; later entries of an earlier process, which
      was killed before it could save them, are dropped.
    num_steps: of the whole run, for the progress bar.
    work: the cost of the steps up to one, in any unit, for the time that is left.
  """

  def __init__(
    self,
    workdir: pathlib.Path,
    *,
    first_step: int,
    num_steps: int,
    work: Callable[[int], float] = float,
  ):
    self._workdir = workdir
    self._writes = jax.process_index() == 0
    self._num_steps = num_steps
    self._first_step = first_step
    self._work = work
    self._start = time.perf_counter()
    self._bar = None
    if not self._writes:
      return
    with self._writing():
      workdir.mkdir(parents=True, exist_ok=True)
      _drop_after(workdir / "metrics.jsonl", first_step)
      self._lines = (workdir / "metrics.jsonl").open("a")
      self._board = tensorboard.EventFile(workdir, purge_step=first_step + 1)
    if sys.stderr.isatty():
      self._bar = tqdm.tqdm(
        total=num_steps,
        initial=first_step,
        dynamic_ncols=True,
        bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} steps [{elapsed}{postfix}]",
      )
      logging.get_absl_handler().addFilter(self._make_room)

  def __enter__(self) -> "Summaries":
    return self

  def __exit__(self, *_) -> None:
    if self._bar is not None:
      logging.get_absl_handler().removeFilter(self._make_room)
      self._bar.close()
    if self._writes:
      for file in (self._lines, self._board):
        with contextlib.suppress(OSError):  # Reported when it was written.
          file.close()

  @contextlib.contextmanager
  def _writing(self) -> Iterator[None]:
    try:
      yield
    except OSError as error:
      raise UserError(
        f"cannot write to {self._workdir}: {error.strerror}; make room "
        "and start again, which continues the run."
      ) from error

  def config(self, config: Mapping[str, Any]) -> None:
    """Shows the configuration as text and as hyper-parameters."""
    self.text("config", json.dumps(config, indent=2))
    if self._writes:
      with self._writing():
        self._board.options(_flat(config))

  def text(self, name: str, text: str) -> None:
    """Shows a preformatted text, such as the table of parameters."""
    if self._writes:
      with self._writing():
        self._board.text(name, f"```\n{text}\n```")

  def scalars(self, step: int, scalars: Mapping[str, float]) -> None:
    """Logs numbers of a step; a line or the bar's postfix on the terminal."""
    if not self._writes:
      return
    with self._writing():
      self._lines.write(run_files.line({"step": step, **scalars}))
      self._lines.flush()
      for name, value in scalars.items():
        self._board.scalar(step, name, value)
      seconds = self._seconds_left(step)
      far = {"step": step, "num_steps": self._num_steps, "seconds_left": seconds}
      writer.write_whole(self._workdir / PROGRESS, json.dumps(far).encode())
    shown = " ".join(f"{name}={scalars[name]:.4g}" for name in [*scalars][:MOST_SHOWN])
    if more := max(len(scalars) - MOST_SHOWN, 0):
      shown += f" and {more} more in metrics.jsonl"
    if seconds is not None:
      shown += f", {tqdm.tqdm.format_interval(seconds)} left"
    if self._bar is None:
      logging.info("step %d/%d %s", step, self._num_steps, shown)
    else:
      self._bar.set_postfix_str(shown, refresh=False)

  def images(self, step: int, images: Mapping[str, Any]) -> None:
    """Writes grids of images in [-1, 1] as PNG files and logs their paths."""
    if not self._writes:
      return
    for name, batch in images.items():
      sheet = sheets.grid(pixels.to_uint8(np.asarray(batch)))
      path = self._workdir / "images" / f"{name}_{step:08d}.png"
      with self._writing():
        encoded = sheets.encode_png(sheet)
        writer.write_whole(path, encoded)
        self._board.png(step, name, encoded, sheet.shape)
      logging.info("image %s", path)
    self.flush()

  def flush(self) -> None:
    """Brings TensorBoard's events to the disk."""
    if self._writes:
      with self._writing():
        self._board.flush()

  def announce(self, message: str, *args: Any) -> None:
    """Logs a line in process 0 alone."""
    if self._writes:
      logging.info(message, *args)

  def progress(self, step: int) -> None:
    """Moves the bar."""
    if self._bar is not None:
      self._bar.update(step - self._bar.n)

  def _make_room(self, record: Any) -> bool:
    """Clears the bar before a line of the log is written in its place."""
    del record
    self._bar.clear()
    return True

  def _seconds_left(self, step: int) -> float | None:
    """The time that is left, or None while nothing is known of the speed."""
    done = self._work(step) - self._work(self._first_step)
    if not done:
      return None
    left = self._work(self._num_steps) - self._work(step)
    return (time.perf_counter() - self._start) * left / done


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
  """Nested groups to `group.name`, with values TensorBoard's hparams can show."""
  flat = {}
  for name, value in tree.items():
    if isinstance(value, Mapping):
      flat |= _flat(value, f"{prefix}{name}.")
    else:
      simple = isinstance(value, bool | int | float | str)
      flat[prefix + name] = value if simple else str(value)
  return flat


def _drop_after(path: pathlib.Path, step: int) -> None:
  """Keeps the whole lines of a metrics file up to a step, and drops the others."""
  if not path.is_file():
    return
  kept = []
  for line in path.read_text(errors="replace").splitlines():
    try:
      if json.loads(line)["step"] <= step:
        kept.append(line)
    except (ValueError, KeyError, TypeError):  # Killed while it wrote this line.
      continue
  writer.write_whole(path, "".join(line + "\n" for line in kept).encode())
