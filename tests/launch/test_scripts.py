"""The cluster scripts, with stand-ins for the cluster's own programs."""

import json
import os
import pathlib
import shlex
import subprocess
import sys

import pytest

LAUNCH = pathlib.Path(__file__).parents[2] / "launch"
TPU = "gcloud compute tpus tpu-vm"


def stand_in(folder, name, body=""):
  """A program that appends its arguments to calls.jsonl and then runs `body`."""
  path = folder / name
  path.write_text(
    f"#!{sys.executable}\nimport json, sys\n"
    f"with open({str(folder / 'calls.jsonl')!r}, 'a') as calls:\n"
    "  calls.write(json.dumps([sys.argv[0].split('/')[-1], "
    f"*sys.argv[1:]]) + '\\n')\n{body}\n"
  )
  path.chmod(0o755)


def calls(folder):
  """What the stand-ins were called with."""
  path = folder / "calls.jsonl"
  return [json.loads(line) for line in path.read_text().splitlines()]


def script(name, *arguments, path="", **environment):
  """Runs a script as a shell would."""
  variables = os.environ | environment | {"PATH": f"{path}:{os.environ['PATH']}"}
  return subprocess.run(
    ["bash", LAUNCH / name, *arguments],
    env=variables,
    text=True,
    stdin=subprocess.DEVNULL,
    capture_output=True,
  )


@pytest.mark.parametrize("name", ["tpu_vm.sh", "slurm.sbatch"])
def test_syntax(name):
  subprocess.run(["bash", "-n", LAUNCH / name], check=True)


@pytest.mark.parametrize(
  ("arguments", "expected"),
  [
    (
      ["create"],
      [
        f"{TPU} create jaxgan --zone=us-west4-a --accelerator-type=v5litepod-8 "
        "--version=v2-alpha-tpuv5-lite"
      ],
    ),
    (
      ["--name=a", "create", "--zone=b", "--accelerator_type=c", "--version=d"],
      [f"{TPU} create a --zone=b --accelerator-type=c --version=d"],
    ),
    (
      ["setup", "--name=a", "--zone=b"],
      [
        "mkdir -p build",
        "git archive --format=tar.gz --output=build/jaxgan.tar.gz HEAD",
        f"{TPU} scp build/jaxgan.tar.gz a:jaxgan.tar.gz --zone=b --worker=all",
        f"{TPU} ssh a --zone=b --worker=all '--command=mkdir -p jaxgan && "
        "tar -xzf jaxgan.tar.gz -C jaxgan'",
        f"{TPU} ssh a --zone=b --worker=all '--command="
        "python3 -m pip install --user uv && cd jaxgan && "
        "python3 -m uv venv --allow-existing --python=3.12 .venv && "
        "python3 -m uv pip install --python=.venv/bin/python --editable=.[tpu]'",
      ],
    ),
    (
      ["run", "--zone=b", "--config=configs/dcgan_mnist.py:tiny", "--config.seed=3"],
      [
        f"{TPU} ssh jaxgan --zone=b --worker=all '--command=cd jaxgan && "
        ".venv/bin/python -m jaxgan.main --distributed "
        "--config=configs/dcgan_mnist.py:tiny --config.seed=3'"
      ],
    ),
    (["delete"], [f"{TPU} delete jaxgan --zone=us-west4-a --quiet"]),
  ],
)
def test_tpu_dry_run_prints_the_commands(arguments, expected):
  done = script("tpu_vm.sh", "--dry_run", *arguments)
  assert (done.returncode, done.stderr) == (0, "")
  assert done.stdout.splitlines() == expected


def test_tpu_run_quotes_for_the_shell_at_the_other_end(tmp_path):
  arguments = [
    "--config=a b.py",
    "--config.x='; exit 1 #",
    '--config.y="$HOME"',
    "--name=not ours after --",
    "",
    "~",
    "*",
  ]
  stand_in(tmp_path, "gcloud")
  done = script("tpu_vm.sh", "run", "--name=n", "--", *arguments, path=tmp_path)
  assert done.returncode == 0, done.stderr
  (call,) = calls(tmp_path)
  assert call[:-1] == [
    "gcloud",
    "compute",
    "tpus",
    "tpu-vm",
    "ssh",
    "n",
    "--zone=us-west4-a",
    "--worker=all",
  ]
  line = call[-1].removeprefix("--command=cd jaxgan && .venv/bin/python ")
  seen = subprocess.run(
    ["bash", "-c", f'printf "%s\\n" {line}'], check=True, text=True, capture_output=True
  ).stdout.splitlines()
  assert seen == ["-m", "jaxgan.main", "--distributed", *arguments]
  printed = script("tpu_vm.sh", "--dry_run", "run", "--name=n", "--", *arguments).stdout
  assert shlex.split(printed) == call


@pytest.mark.parametrize(
  "arguments",
  [
    [],
    ["start"],
    ["--dry_run"],
    ["create", "now"],
    ["create", "--", "now"],
    ["--config=a.py"],
    ["delete", "create"],
  ],
)
def test_tpu_mistakes_exit_2(arguments):
  done = script("tpu_vm.sh", "--dry_run", *arguments)
  assert done.returncode == 2 and done.stdout == ""
  assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1


def test_tpu_stops_at_the_first_command_that_fails(tmp_path):
  for name, body in (("mkdir", ""), ("git", "sys.exit(7)"), ("gcloud", "")):
    stand_in(tmp_path, name, body)
  done = script("tpu_vm.sh", "setup", path=tmp_path)
  assert done.returncode == 7
  assert [call[0] for call in calls(tmp_path)] == ["mkdir", "git"]


SRUN = ["srun", "--kill-on-bad-exit=1", "--gpu-bind=none", "python"]
MAIN = [*SRUN, "-m", "jaxgan.main", "--distributed"]
ARRAY = {"SLURM_ARRAY_JOB_ID": "40", "SLURM_ARRAY_TASK_ID": "2"}


@pytest.mark.parametrize(
  ("status", "array", "job"),
  [(0, {}, ""), (2, {}, ""), (143, {}, "42"), (143, ARRAY, "40_2")],
)
def test_slurm_requeues_what_was_stopped(tmp_path, status, array, job):
  stand_in(tmp_path, "srun", f"sys.exit({status})")
  stand_in(tmp_path, "scontrol", "print('JobId=42 Requeue=1 Restarts=0')")
  environment = {"SLURM_JOB_ID": "42"} | array
  done = script("slurm.sbatch", "--config=a b.py", path=tmp_path, **environment)
  assert (done.returncode, done.stderr) == (status, "")
  start = [*SRUN, "launch/sweep.py", "--index=2"] if array else MAIN
  control = [["scontrol", "show", "job", job], ["scontrol", "requeue", job]]
  assert calls(tmp_path) == [[*start, "--config=a b.py"], *(control if job else [])]


@pytest.mark.parametrize(
  ("body", "asked"),
  [
    ("print('Requeue=0')", 1),
    ("sys.exit('not on this node')", 1),
    ("print('Requeue=1')\nsys.exit(sys.argv[1] == 'requeue')", 2),
  ],
)
def test_slurm_says_where_it_does_not_requeue(tmp_path, body, asked):
  stand_in(tmp_path, "srun", "sys.exit(143)")
  stand_in(tmp_path, "scontrol", body)
  done = script("slurm.sbatch", "--config=a", path=tmp_path, SLURM_JOB_ID="42")
  assert done.returncode == 143 and len(calls(tmp_path)) == 1 + asked
  line = "Job 42 is not put into the queue again: submit the same command."
  assert done.stderr.splitlines()[-1] == line


@pytest.mark.parametrize(
  ("array", "start"), [({}, MAIN), (ARRAY, [*SRUN, "launch/sweep.py", "--index=2"])]
)
def test_slurm_dry_run_prints_the_command(tmp_path, array, start):
  stand_in(tmp_path, "srun")
  done = script("slurm.sbatch", "--dry_run", "--a=b c", path=tmp_path, **array)
  assert (done.returncode, done.stderr) == (0, "")
  assert shlex.split(done.stdout) == [*start, "--a=b c"]
  assert not (tmp_path / "calls.jsonl").exists()


def test_slurm_options_come_before_the_first_command():
  lines = (LAUNCH / "slurm.sbatch").read_text().splitlines()
  last = max(i for i, line in enumerate(lines) if line.startswith("#SBATCH"))
  assert all(line.startswith("#") for line in lines[:last])
  assert {"#SBATCH --requeue", "#SBATCH --signal=TERM@180"} <= set(lines)
