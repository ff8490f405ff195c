"""SkyPilot's and Kubernetes' files, read as they read them; the image's steps."""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[2]
LAUNCH = ROOT / "launch"


def parsed(words):
  """The options that jaxgan.main would get."""
  return dict(word.removeprefix("--").split("=", 1) for word in words)


@pytest.mark.parametrize(
  ("own", "folder"), [({}, "sky-managed-2026-11-27_jaxgan_7-0"), ({"RUN": "me"}, "me")]
)
def test_skypilot_maps_its_nodes_to_our_processes(tmp_path, own, folder):
  task = yaml.safe_load((LAUNCH / "skypilot.yaml").read_text())
  python = tmp_path / ".venv" / "bin" / "python"
  python.parent.mkdir(parents=True)
  python.write_text(
    f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n"
  )
  python.chmod(0o755)
  # Those of SkyPilot's documented variables that are used; no other is set.
  variables = task["envs"] | {
    "SKYPILOT_TASK_ID": "sky-managed-2026-11-27_jaxgan_7-0",
    "SKYPILOT_NODE_IPS": "10.0.0.1\n10.0.0.2",
    "SKYPILOT_NUM_NODES": "2",
    "SKYPILOT_NODE_RANK": "1",
  }
  printed = subprocess.run(
    ["bash", "-euc", task["run"]],
    cwd=tmp_path,
    env=variables | own | {"PATH": "/usr/bin:/bin"},
    check=True,
    capture_output=True,
    text=True,
  ).stdout
  assert (words := json.loads(printed))[:2] == ["-m", "jaxgan.main"]
  assert parsed(words[2:]) == {
    "config": "configs/dcgan_anime.py",
    "workdir": f"/runs/{folder}",
    "coordinator": "10.0.0.1:8476",
    "num_processes": "2",
    "process_id": "1",
  }
  (mount,) = task["file_mounts"]
  assert parsed(words[2:])["workdir"].startswith(mount)


def test_jobset_starts_as_many_processes_as_it_says():
  jobset = yaml.safe_load((LAUNCH / "k8s" / "jobset.yaml").read_text())
  (workers,) = jobset["spec"]["replicatedJobs"]
  job = workers["template"]["spec"]
  pod = job["template"]["spec"]
  (container,) = pod["containers"]
  words = parsed(container["args"])
  assert job["completionMode"] == "Indexed" and job["backoffLimit"] == 0
  assert job["completions"] == job["parallelism"] == int(words["num_processes"])
  name = jobset["metadata"]["name"]
  host, port = words["coordinator"].split(":")
  assert host == f"{name}-{workers['name']}-0-0.{name}"
  assert int(port) in {entry["containerPort"] for entry in container["ports"]}
  index = re.fullmatch(r"\$\((\w+)\)", words["process_id"])[1]
  assert index in {entry["name"] for entry in container["env"]}
  mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
  assert mounts.keys() == {volume["name"] for volume in pod["volumes"]}
  assert words["workdir"].startswith(mounts["runs"])


def test_the_image_runs_main_and_its_user_may_write():
  lines = (LAUNCH / "Dockerfile").read_text().splitlines()
  steps = [line.split(" ", 1) for line in lines if line and line[0] not in "# "]
  assert steps[0][0] == "FROM"
  (entry,) = (json.loads(rest) for name, rest in steps if name == "ENTRYPOINT")
  assert entry == ["python", "-m", "jaxgan.main"]
  (install,) = (rest for name, rest in steps if "pip install" in rest)
  for extra, wanted in (("gpu", ".[gpu]"), ("", ".")):
    line = install.replace("pip install --no-cache-dir", "printf %s")
    shown = subprocess.run(
      ["bash", "-c", line], env={"EXTRA": extra}, capture_output=True, text=True
    )
    assert shown.stdout == wanted
  project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
  assert {"gpu", "tpu"} <= project["optional-dependencies"].keys()
  (uid,) = re.findall(r"useradd --uid=(\d+)", "\n".join(lines))
  jobset = yaml.safe_load((LAUNCH / "k8s" / "jobset.yaml").read_text())
  (workers,) = jobset["spec"]["replicatedJobs"]
  pod = workers["template"]["spec"]["template"]["spec"]
  assert pod["securityContext"] == {"fsGroup": int(uid)}
