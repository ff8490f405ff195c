"""The command for whoever has a GPU: its rows, its report, and a run on the CPU."""

import json
import sys

import pytest

from benchmarks import accelerator


def test_every_family_is_tried_and_single_images_together():
  rows = list(accelerator.rows(accelerator.CONFIGS, "tiny"))
  agreeing = [row["config"] for row in rows if row["what"] == "agreement"]
  assert agreeing == list(accelerator.CONFIGS)
  batches = [row["changes"].get("data.batch_size") for row in rows]
  assert {16, 32} <= set(batches)  # Twice and four times dcgan_anime's.
  together = [row["changes"] for row in rows if row["what"] == "single images"]
  assert together == [{"num_seeds": count} for count in (1, 4, 16)]
  dcgan = [row["precision"] for row in rows if row["config"] == "dcgan_anime"]
  assert {"highest", "default", "bfloat16"} == set(dcgan)


def test_the_report_is_a_table_and_tells_what_failed():
  row = dict(what="step", config="gatys", variant="tiny", precision="default")
  done = row | dict(changes={}, device="X1", seconds_per_step=0.25, peak_memory_mib=9.5)
  failed = row | dict(changes={"num_seeds": 4}, error="out of memory")
  title, _, _, _, *lines = accelerator.report([done, failed]).splitlines()
  assert title == "# X1"
  assert lines == [
    "| step | `gatys:tiny` | default |  | seconds_per_step 0.25 | 9.5 |",
    "| step | `gatys:tiny` | default | num_seeds=4 | error out of memory |  |",
  ]


PEER = """
import json, sys
print("warming up")
print(json.dumps({"seconds_per_step": float(sys.argv[1])}))
"""


@pytest.mark.parametrize(
  ("command", "error"),
  [
    (["/nowhere/python"], "/nowhere/python"),
    ([sys.executable, "-c", "print('no JSON')"], "Expecting value"),
    ([sys.executable, "-c", "pass"], "index out of range"),
    ([sys.executable, "-c", "import nothing_such"], "nothing_such"),
  ],
)
def test_a_program_that_fails_is_a_row_with_an_error(command, error):
  assert error in accelerator.printed(command)["error"]


@pytest.mark.slow
def test_beside_another_program(tmp_path):
  """Four of its steps, of a minute each, do what one of ours does."""
  (tmp_path / "peer.py").write_text(PEER)
  peers = [
    {"config": "gatys", "times": 4, "command": f"{sys.executable} {name} 60"}
    for name in (tmp_path / "peer.py", tmp_path / "missing.py")
  ]
  (tmp_path / "peers.json").write_text(json.dumps(peers))
  options = ["--configs=", f"--peers={tmp_path}/peers.json", "--variant=tiny"]
  options += ["--steps=1", "--rounds=1", "--compilers=2", f"--output={tmp_path}"]
  assert accelerator.main(options) == 1  # As one is missing.
  found, failed = json.loads((tmp_path / "report.json").read_text())
  assert found["peer_seconds_per_step"] == 60
  ratio = 4 * 60 / found["seconds_per_step"]
  assert found["times_as_fast"] == pytest.approx(ratio)
  assert "missing.py" in failed["error"]


@pytest.mark.slow
def test_a_row_of_each_kind_on_the_cpu(tmp_path):
  options = ["--configs=gatys", "--variant=tiny", "--steps=1", f"--output={tmp_path}"]
  assert accelerator.main(options) == 0
  agreement, *steps = json.loads((tmp_path / "report.json").read_text())
  assert agreement["agrees"] and 0 < agreement["difference"] < accelerator.TOLERANCE
  assert [row["precision"] for row in steps] == ["highest", "default"]
  assert all(row["seconds_per_step"] > 0 and row["gflop"] > 0 for row in steps)
  assert (tmp_path / "report.md").read_text().startswith("# ")
