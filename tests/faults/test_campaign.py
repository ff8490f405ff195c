"""`benchmarks.faults`: what it damages, what it counts, and a few real faults."""

import json
import random

import pytest

from benchmarks.faults import __main__ as faults
from benchmarks.faults import damages


@pytest.fixture
def folder(tmp_path):
  """A run with two checkpoints of one file each."""
  for step, content in ((1, b"older"), (2, b"newer")):
    path = tmp_path / "run" / "checkpoints" / str(step) / "array"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
  return tmp_path


def _contents(folder):
  return {path.parent.name: path.read_bytes() for path in folder.rglob("array")}


def test_damages_are_of_the_newest_checkpoint(folder):
  assert damages.flip(folder, random.Random(0))
  older, newer = (_contents(folder)[step] for step in "12")
  bits = sum((a ^ b).bit_count() for a, b in zip(newer, b"newer", strict=True))
  assert older == b"older" and bits == 1
  assert damages.truncate(folder, random.Random(0))
  assert len(_contents(folder)["2"]) < 5
  (folder / "run" / "checkpoints" / "2" / "array").write_bytes(b"newer")
  assert damages.remove(folder, random.Random(0))
  assert _contents(folder) == {"1": b"older"}
  assert not damages.remove(folder / "nothing", random.Random(0))


def test_outcomes_are_counted_by_kind():
  record = lambda kind, outcome: {"kind": kind, "outcome": outcome}
  records = [record("kill", "same"), record("flip", "said"), record("kill", "lost")]
  assert [line.split() for line in faults.table(records).splitlines()] == [
    ["kind", "faults", "same", "said", "lost"],
    ["kill", "2", "1", "0", "1"],
    ["flip", "1", "0", "1", "0"],
    ["all", "3", "1", "1", "1"],
  ]


@pytest.mark.slow
def test_a_few_faults_lose_nothing(tmp_path, capsys):
  output = tmp_path / "faults.json"
  options = ["--count=2", "--families=gatys", "--kinds=kill,flip", "--seed=1"]
  assert faults.main([*options, f"--output={output}"]) == 0
  records = json.loads(output.read_text())
  assert len(records) == 2
  assert {record["outcome"] for record in records} <= {"same", "said"}
  assert "all" in capsys.readouterr().out
