"""The command for whoever has a GPU: its rows, its report, and a run on the CPU."""

import json
import pathlib
import shlex
import sys

import pytest

from benchmarks import scaling
from benchmarks.accelerator import __main__ as accelerator
from benchmarks.accelerator import measure, rows
from benchmarks.accelerator.report import report

ROOT = pathlib.Path(__file__).parents[1]


def short(row):
  """A row without what is usual."""
  kept = (row["what"], row["config"], row["precision"])
  return *kept, row["changes"], row["steps_a_call"]


def test_every_family_is_compared_with_the_cpu():
  names = {path.stem for path in (ROOT / "configs").glob("*.py")}
  families = {rows.load(name, "tiny").experiment for name in names} - {"patches"}
  assert {rows.load(name, "tiny").experiment for name in rows.KNOWN} == families
  planned = list(rows.rows(rows.KNOWN, (), "full"))
  assert [short(row) for row in planned] == [
    ("agreement", name, "highest", {}, None) for name in rows.KNOWN
  ]
  assert {row["variant"] for row in planned} == {"tiny"}


def test_rows_of_two_configs():
  planned = list(rows.rows(["gatys"], ["dcgan_anime", "consingan"], "full"))
  half = {"dtype": "bfloat16"}
  assert [short(row) for row in planned] == [
    ("agreement", "gatys", "highest", {}, None),
    ("step", "dcgan_anime", "highest", {}, None),
    ("step", "dcgan_anime", "default", {}, None),
    ("step", "dcgan_anime", "bfloat16", half, None),
    ("step", "dcgan_anime", "default", {"data.batch_size": 32}, None),
    ("step", "dcgan_anime", "default", {"data.batch_size": 64}, None),
    *(("step", "dcgan_anime", "default", {}, count) for count in (1, 10, 100)),
    ("step", "consingan", "highest", {}, None),
    ("step", "consingan", "default", {}, None),
    *(("step", "consingan", "default", {}, count) for count in (1, 10, 100)),
    *(
      ("single images", "consingan", "default", {"num_seeds": count}, None)
      for count in (1, 4, 16)
    ),
  ]
  assert {row["variant"] for row in planned[1:]} == {"full"}


def test_a_peer_is_timed_in_each_precision_that_it_can_be_told():
  peers = [
    {"config": "siamese", "command": "a --type={precision}", "changes": {"seed": 1}},
    {"config": "gatys", "command": "b", "times": 4, "variant": "tiny"},
  ]
  planned = list(rows.rows((), (), "full", peers))
  assert [(*short(row)[2:4], row["command"], row["times"]) for row in planned] == [
    ("highest", {"seed": 1}, "a --type=float32", 1),
    ("default", {"seed": 1}, "a --type=tf32", 1),
    ("bfloat16", {"seed": 1, "dtype": "bfloat16"}, "a --type=bfloat16", 1),
    ("default", {}, "b", 4),
  ]
  assert [row["variant"] for row in planned] == ["full"] * 3 + ["tiny"]


def test_the_peers_that_come_along_do_what_their_configs_do():
  path = ROOT / "benchmarks" / "accelerator" / "peers.json"
  for peer in json.loads(path.read_text()):
    config = rows.load(peer["config"], peer["variant"])
    _, program, *words = shlex.split(peer["command"])
    told = dict(word.removeprefix("--").split("=") for word in words)
    assert (ROOT / program).is_file() and told["method"] == config.method
    sizes = (config.generator.width, config.generator.blocks, config.data.size)
    assert sizes == tuple(int(told[name]) for name in ("width", "blocks", "size"))
    assert config.data.batch_size == 1


def test_single_images_have_a_share_of_the_peak(monkeypatch):
  """Of two stages, of 2 and 3 steps of a second, and 10 and 20 GFLOP."""
  stage = lambda **values: type("Stage", (), values)
  stages = [stage(num_steps=2, flops=1e10), stage(num_steps=3, flops=2e10)]
  monkeypatch.setattr(scaling, "stages_of", lambda config: stages)
  monkeypatch.setattr(measure, "flops_of_a_step", lambda stages: stages[-1].flops)
  monkeypatch.setattr("jaxgan.benchmark.measure", lambda *_: {"seconds_per_step": 1.0})
  chip = type("Chip", (), {"device_kind": "NVIDIA H100 80GB HBM3"})
  monkeypatch.setattr("jax.devices", lambda: [chip])
  found = measure.images_per_hour(stage(seed=0, num_seeds=4), 1)
  share = 8e10 / 5 / scaling.CHIPS["H100"].peak
  assert found["share_of_peak"] == pytest.approx(share)
  assert found["images_per_hour"] == 3600 * 4 / 5


@pytest.mark.parametrize("option", ["--configs=gats", "--only=steps"])
def test_unknown_names_are_told(option, capsys):
  with pytest.raises(SystemExit):
    accelerator.main([option])
  assert f"{option.replace('=', ': ')}? Known are " in capsys.readouterr().err


def test_the_report_is_a_table_and_tells_what_failed():
  row = dict(what="step", config="gatys", variant="tiny", precision="default")
  row |= dict(changes={}, steps_a_call=None)
  done = row | dict(
    steps_a_call=10, device="X1", seconds_per_step=0.25, peak_memory_mib=9.5
  )
  failed = row | dict(changes={"num_seeds": 4}, error="out of memory")
  title, _, _, _, *lines = report([done, failed]).splitlines()
  assert title == "# X1"
  assert lines == [
    "| step | `gatys:tiny` | default | steps a call=10 | seconds_per_step 0.25 | 9.5 |",
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
  assert agreement["agrees"] and 0 < agreement["difference"] < measure.TOLERANCE
  assert [row["precision"] for row in steps[:2]] == ["highest", "default"]
  assert [row["steps_a_call"] for row in steps[2:]] == list(rows.STEPS_A_CALL)
  assert all(row["seconds_per_step"] > 0 and row["gflop"] > 0 for row in steps)
  assert (tmp_path / "report.md").read_text().startswith("# ")
