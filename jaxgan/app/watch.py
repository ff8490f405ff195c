"""How far runs are, from the files in their folders."""

import json
import os
import pathlib
import time
from typing import Any, NamedTuple

from jaxgan.engine import summaries

DEPTH = 3  # Folders below the one that is watched.
NEWEST = 6  # Images that are shown.
MOST_LINES = 2_000  # Of a curve: more would be more than its pixels.


class Status(NamedTuple):
  """A run.

  Attributes:
    step, num_steps: how far it is; 0 where it has not begun.
    seconds_left: or None while nothing is known of its speed.
    seconds_ago: since it last logged something.
  """

  step: int = 0
  num_steps: int = 0
  seconds_left: float | None = None
  seconds_ago: float = 0.0

  def line(self) -> str:
    """All of it, in a line."""
    if not self.num_steps:
      return f"step {self.step}" if self.step else "it is starting"
    text = f"step {self.step} of {self.num_steps}"
    if self.step >= self.num_steps:
      return f"{text}, finished"
    if self.seconds_left is not None:
      text += f", about {duration(self.seconds_left)} left"
    if self.seconds_ago > 120:
      text += f"; nothing was logged for {duration(self.seconds_ago)}"
    return text


def duration(seconds: float) -> str:
  """Such as "45 s", "12 min" or "3.5 h"."""
  if seconds < 90:
    return f"{seconds:.0f} s"
  return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def runs(folder: pathlib.Path) -> list[str]:
  """Names of the runs in a folder, relative to it, the last active first."""
  found, depth = [], len(folder.parts)
  for place, folders, files in os.walk(folder):
    path = pathlib.Path(place)
    if "config.json" in files and path != folder:
      found.append(path)
    is_deep = len(path.parts) - depth >= DEPTH
    folders[:] = [] if is_deep or "config.json" in files else sorted(folders)
  active = lambda path: -_changed(path / "metrics.jsonl")
  return [str(path.relative_to(folder)) for path in sorted(found, key=active)]


def read(workdir: pathlib.Path) -> Status:
  """How far a run is."""
  path = workdir / summaries.PROGRESS
  try:
    return Status(**json.loads(path.read_text()), seconds_ago=_ago(path))
  except (OSError, ValueError, TypeError):  # Not begun, or of an earlier version.
    curves = read_curves(workdir)
    return Status(step=curves[-1]["step"], num_steps=0) if curves else Status()


def read_curves(workdir: pathlib.Path) -> list[dict[str, Any]]:
  """What a run has logged: dicts of "step" and numbers, thinned out if there are many.

  What is being written at the moment is left out.
  """
  try:
    lines = (workdir / "metrics.jsonl").read_text(errors="replace").splitlines()
  except OSError:
    return []
  found = []
  for line in lines[:: len(lines) // MOST_LINES + 1]:
    try:
      entry = json.loads(line)
      found.append({"step": int(entry.pop("step"))} | entry)
    except (ValueError, KeyError, TypeError, AttributeError):
      continue
  return found


def newest_images(workdir: pathlib.Path) -> list[str]:
  """The last images of a run, the newest first."""
  images = sorted((workdir / "images").glob("*.png"), key=_changed, reverse=True)
  return [str(path) for path in images[:NEWEST]]


def _changed(path: pathlib.Path) -> float:
  return path.stat().st_mtime if path.exists() else 0.0


def _ago(path: pathlib.Path) -> float:
  return max(time.time() - _changed(path), 0.0)
