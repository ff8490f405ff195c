"""Grids of runs: what is started, skipped, continued and compared."""

import importlib.util
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import time
import types

import pytest

PATH = pathlib.Path(__file__).parents[2] / "launch" / "sweep.py"
CONFIG = "configs/mlp_mnist.py:tiny"
AXES = ["--grid=config.seed=0,1", "--grid=optimizer.generator.learning_rate=1e-4,2e-4"]


@pytest.fixture(scope="module")
def sweep():
  spec = importlib.util.spec_from_file_location("sweep", PATH)
  module = importlib.util.module_from_spec(spec)
  spec.loader.exec_module(module)
  return module


@pytest.fixture
def started(sweep, monkeypatch):
  """Commands instead of processes; `started.statuses` are what they exit with."""

  class Started(list):
    statuses = {}  # noqa: RUF012

    def train(self, command, **options):
      assert options == {"start_new_session": True}
      self.append(command[2:])
      words = " ".join(command)
      folder = words.split("--workdir=")[1].split()[0]
      pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
      status = next((s for part, s in self.statuses.items() if part in words), 0)
      return types.SimpleNamespace(wait=lambda: status)

    def evaluate(self, command, **options):
      self.append(command[2:])
      return subprocess.CompletedProcess(command, 0, stdout="a table\n")

  found = Started()
  monkeypatch.setattr(sweep.subprocess, "Popen", found.train)
  monkeypatch.setattr(sweep.subprocess, "run", found.evaluate)
  monkeypatch.setattr(sweep.os, "execv", lambda _, words: found.append(words[2:]))
  return found


def options(tmp_path, *more):
  return [f"--workdir={tmp_path}", f"--config={CONFIG}", *AXES, *more]


def test_dry_run_prints_every_command(sweep, started, tmp_path, capsys):
  more = ["--dry_run", "--", "--config.num_steps=5", "--config.data.path=a b"]
  assert sweep.main(options(tmp_path, *more)) == 0
  lines = [shlex.split(line) for line in capsys.readouterr().out.splitlines()]
  assert not started and len(lines) == 4
  assert lines[1] == [
    sys.executable,
    "-m",
    "jaxgan.main",
    f"--config={CONFIG}",
    f"--workdir={tmp_path}/seed=0,learning_rate=2e-4",
    "--config.seed=0",
    "--config.optimizer.generator.learning_rate=2e-4",
    "--config.num_steps=5",
    "--config.data.path=a b",
  ]


def test_what_is_done_is_skipped_and_all_are_compared(sweep, started, tmp_path):
  started.statuses["seed=1,learning_rate=1e-4"] = 2
  assert sweep.main(options(tmp_path)) == 2
  assert [command[0] for command in started] == ["jaxgan.main"] * 4 + [
    "jaxgan.evaluate"
  ]
  assert (tmp_path / "table.txt").read_text() == "a table\n"
  del started[:]
  started.statuses.clear()
  assert sweep.main(options(tmp_path)) == 0
  assert len(started) == 2  # The one that failed, and the evaluation.
  del started[:]
  assert sweep.main(options(tmp_path, "--", "--config.num_steps=9")) == 0
  assert len(started) == 5  # Another command: none of them is done.


def test_a_signal_stops_the_sweep(sweep, started, tmp_path):
  started.statuses["seed=0,learning_rate=2e-4"] = 143
  assert sweep.main(options(tmp_path)) == 143
  assert len(started) == 2 and not (tmp_path / "table.txt").exists()


def test_one_of_an_array(sweep, started, tmp_path):
  assert sweep.main(options(tmp_path, "--index=3")) == 0
  assert len(started) == 1 and "--config.seed=1" in started[0]


def test_a_training_is_told_once_to_stop_and_may_save(tmp_path):
  (tmp_path / "jaxgan").mkdir()
  (tmp_path / "jaxgan" / "main.py").write_text(
    "import pathlib, signal, sys, time\n"
    "def stop(number, frame):\n"
    "  with open('told', 'a') as file: file.write('once')\n"
    "  time.sleep(0.5)\n"
    "  sys.exit(128 + number)\n"
    "signal.signal(signal.SIGINT, stop)\n"
    "pathlib.Path('ready').touch()\n"
    "time.sleep(60)\n"
  )
  words = [sys.executable, str(PATH), *options(tmp_path)]
  process = subprocess.Popen(words, cwd=tmp_path, start_new_session=True)
  while not (tmp_path / "ready").exists():
    assert process.poll() is None
    time.sleep(0.01)
  os.killpg(process.pid, signal.SIGINT)  # As a terminal does.
  assert process.wait(30) == 130
  assert (tmp_path / "told").read_text() == "once"


@pytest.mark.parametrize(
  ("more", "named"),
  [
    (["--grid=seed"], "give a field and different values"),
    (["--grid=a.b=1,1"], "give a field and different values"),
    (["--grid=data.path=a/b,c"], "no / in it"),
    (["--grid=seed=3,4"], "a field is named twice"),
    (["--index=4"], "there are 4 runs, from 0"),
  ],
)
def test_mistakes(sweep, tmp_path, capsys, more, named):
  with pytest.raises(SystemExit) as raised:
    sweep.main(options(tmp_path, *more))
  assert raised.value.code == 2
  assert named in capsys.readouterr().err


@pytest.mark.slow
def test_a_sweep_of_real_runs(sweep, tmp_path, capfd):
  words = [f"--workdir={tmp_path}", f"--config={CONFIG}", "--grid=seed=0,1"]
  assert sweep.main(words) == 0
  assert json.loads((tmp_path / "seed=1" / sweep.DONE).read_text())[-1].endswith("=1")
  table = (tmp_path / "table.txt").read_text()
  assert "seed=0" in table and "median" in table
  assert sweep.main([*words, "--index=0"]) == 0
  assert "done before" in capfd.readouterr().out
