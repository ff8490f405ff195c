"""Where a run came from."""

import json

from jaxgan.engine import checkpoints, provenance, workdir


def test_what_a_folder_tells(tmp_path):
  provenance.note(tmp_path, "toy:tiny")
  begun = json.loads((tmp_path / "origin.json").read_text())["begun"]
  provenance.note(tmp_path, "another")  # The run goes on.
  lines = [
    {"step": 10, "steps_per_second": 5.0, "peak_memory_mib": 100.0},
    {"step": 15, "steps_per_second": 1.0, "peak_memory_mib": 90.0},
    {"step": 15, "sifid": 3.0},
  ]
  text = "\n".join(map(json.dumps, lines))
  text = "[1]\nnull\n\xff\n" + text  # Damage.
  (tmp_path / "metrics.jsonl").write_text(text + '\n{"step": 1', "latin1")  # Killed.
  folder = tmp_path / "checkpoints"
  (folder / "15").mkdir(parents=True)
  checkpoints.write_evaluation(folder, 15, {"sifid": 3.0, "worst": float("nan")}, 3.0)
  workdir.claim(tmp_path, {"seed": 0}, {})
  assert workdir.load(tmp_path).provenance() == {
    "config": "toy:tiny",
    "begun": begun,
    "training_seconds": 10 / 5 + 5 / 1,
    "peak_memory_mib": 100.0,
    "evaluation": {"sifid": 3.0, "worst": None},
  }


def test_of_a_run_that_tells_nothing(tmp_path):
  assert provenance.of_folder(tmp_path, {}) == {"evaluation": {}}
  for damaged in ("", "[1]", "null", '{"config": '):
    (tmp_path / "origin.json").write_text(damaged)
    assert provenance.of_folder(tmp_path, {}) == {"evaluation": {}}
