"""Where a trained run came from: its config's name, when, at what cost, how good."""

from collections.abc import Mapping
import datetime
import json
import pathlib
from typing import Any

from jaxgan.engine import run_files
from jaxgan.images import writer

FILE = "origin.json"


def note(workdir: pathlib.Path, config_name: str) -> None:
  """Writes what a run's config is called and when it began, once."""
  path = workdir / FILE
  if not path.is_file():
    today = datetime.date.today().isoformat()
    text = json.dumps({"config": config_name, "begun": today}) + "\n"
    writer.write_whole(path, text.encode())


def of_folder(
  workdir: pathlib.Path, evaluation: Mapping[str, float | None]
) -> dict[str, Any]:
  """What a run's folder tells, JSON; runs of earlier versions tell less.

  Args:
    workdir: the folder.
    evaluation: of the checkpoint; see `checkpoints.evaluation`.
  """
  known = run_files.read_known(workdir / FILE)
  return known | _cost(workdir / "metrics.jsonl") | {"evaluation": dict(evaluation)}


def _cost(log: pathlib.Path) -> dict[str, float]:
  """Seconds of training steps and peak memory, as far as they were logged."""
  seconds, before, peak = 0.0, 0, 0.0
  text = log.read_text(errors="replace") if log.is_file() else ""
  for line in text.splitlines():
    entry = run_files.known(line)  # The last may be half a line of a run that died.
    if "steps_per_second" in entry:
      seconds += (entry["step"] - before) / entry["steps_per_second"]
      before = entry["step"]
    peak = max(peak, entry.get("peak_memory_mib", 0.0))
  # Runs made from published weights know nothing of their training.
  known = {"training_seconds": round(seconds, 1), "peak_memory_mib": peak}
  return {name: value for name, value in known.items() if value}
