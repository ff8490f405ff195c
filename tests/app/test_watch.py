"""How far runs are, read from their folders while they are written."""

import json
import os

import pytest

from jaxgan.app import watch


@pytest.mark.parametrize(
  ("status", "line"),
  [
    (watch.Status(), "it is starting"),
    (watch.Status(7), "step 7"),
    (watch.Status(5, 10, 90.0), "step 5 of 10, about 2 min left"),
    (watch.Status(5, 10, 12.0, 300.0), "12 s left; nothing was logged for 5 min"),
    (watch.Status(5, 10, 9000.0), "2.5 h left"),
    (watch.Status(10, 10, 0.0, 9e9), "step 10 of 10, finished"),
  ],
)
def test_a_line(status, line):
  assert line in status.line()


def test_runs_of_a_folder_the_last_active_first(tmp_path):
  for i, name in enumerate(("old", "group/new", "a/b/c/too_deep", "old/checkpoints")):
    (tmp_path / name).mkdir(parents=True)
    (tmp_path / name / "config.json").write_text("{}")
    (tmp_path / name / "metrics.jsonl").write_text("")
    os.utime(tmp_path / name / "metrics.jsonl", (i, i))
  assert watch.runs(tmp_path) == ["group/new", "old"]


def test_curves_without_the_line_that_is_being_written(tmp_path):
  lines = [json.dumps({"step": i, "loss": i / 2}) for i in range(5)]
  (tmp_path / "metrics.jsonl").write_text("\n".join([*lines, '{"step": 5, "lo']))
  assert watch.read_curves(tmp_path) == [{"step": i, "loss": i / 2} for i in range(5)]
  assert watch.read(tmp_path) == watch.Status(4)
  assert watch.read_curves(tmp_path / "none") == []


def test_long_curves_are_thinned_out(tmp_path):
  text = "".join(f'{{"step": {i}}}\n' for i in range(10 * watch.MOST_LINES))
  (tmp_path / "metrics.jsonl").write_text(text)
  steps = [entry["step"] for entry in watch.read_curves(tmp_path)]
  assert watch.MOST_LINES / 2 < len(steps) <= watch.MOST_LINES and steps[-1] > 19_900


def test_a_trained_run(gan_run):
  assert "step 4 of 4, finished" in watch.read(gan_run).line()
  newest = watch.newest_images(gan_run)
  assert newest and newest[0].endswith("00000004.png")
