"""The command for whoever has a GPU: its rows, its report, and a run on the CPU."""

import json

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


@pytest.mark.slow
def test_a_row_of_each_kind_on_the_cpu(tmp_path):
  options = ["--configs=gatys", "--variant=tiny", "--steps=1", f"--output={tmp_path}"]
  assert accelerator.main(options) == 0
  agreement, *steps = json.loads((tmp_path / "report.json").read_text())
  assert agreement["agrees"] and 0 < agreement["difference"] < accelerator.TOLERANCE
  assert [row["precision"] for row in steps] == ["highest", "default"]
  assert all(row["seconds_per_step"] > 0 and row["gflop"] > 0 for row in steps)
  assert (tmp_path / "report.md").read_text().startswith("# ")
