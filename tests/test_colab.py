"""The notebooks run from top to bottom as they are committed, and hold no outputs."""

import os
import pathlib
import re
import subprocess
import sys
import tomllib
import types
import zipfile

import nbclient
import nbformat
import numpy as np
from PIL import Image
import pytest

from jaxgan.engine import workdir

FOLDER = pathlib.Path(__file__).parents[1] / "colab"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
SHOWN = {  # Kinds of the pictures that are shown, in order.
  "dcgan": ["png", "png", "gif"],
  "siamese": ["png", "png"],
  "single_image": ["png", "gif"],
  "stylize": ["png", "png"],
  "tour": ["png", "png", "png", "gif"],
}
TRAINING = [name for name in NOTEBOOKS if name != "tour"]
INDIRECT = {"cffi", "pyvips-binary"}  # What pyvips needs.


def read(name):
  return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code(notebook):
  """The cells with code."""
  return [cell for cell in notebook.cells if cell.cell_type == "code"]


def menu(notebook, field):
  """The choices of a form field."""
  text = "\n".join(cell.source for cell in code(notebook))
  choices = re.search(rf"^{field} = .*# @param \[(.*?)\]", text, re.MULTILINE)[1]
  return re.findall(r'"([^"]*)"', choices)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_is_valid_and_without_outputs(name):
  notebook = read(name)
  nbformat.validate(notebook)
  assert code(notebook)
  for cell in code(notebook):
    assert cell.outputs == [] and cell.execution_count is None


def test_all_install_alike_what_the_package_needs():
  (cell,) = {code(read(name))[0].source for name in NOTEBOOKS}
  line = re.search(r"pip install (.*) \)", cell.replace("\\\n", " "))[1]
  names = {word for word in line.split() if not word.startswith("-")}
  project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text())["project"]
  needed = {re.match(r"[\w-]+", text)[0] for text in project["dependencies"]}
  assert names - {"jaxgan-source"} <= needed | INDIRECT
  assert "jax" not in names  # Colab's own stays.


def test_the_oldest_versions_are_those_that_the_package_allows():
  root = FOLDER.parent
  project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
  least = dict(
    re.findall(
      r"^([\w-]+)(?:\[\w+\])?>=([\d.]+)", "\n".join(project["dependencies"]), re.M
    )
  )
  locked = (root / ".ci" / "oldest.txt").read_text().lower().replace("_", "-")
  found = dict(re.findall(r"^([\w-]+)==([\d.]+)$", locked, re.M))
  assert {"jax", "flax", "optax", "orbax-checkpoint"} <= least.keys()
  for name, version in least.items():
    assert re.match(rf"{re.escape(version)}(\.0)*$", found[name.lower()]), name


def test_without_a_repository_the_first_cell_says_what_is_missing(tmp_path):
  line = code(read("tour"))[0].source.partition("\n!")[2].replace("{REPOSITORY}", "")
  for name in ("python", "git", "pip"):
    program = tmp_path / name
    program.write_text("#!/bin/sh\necho started $0\nexit 1\n")
    program.chmod(0o755)
  done = subprocess.run(
    ["/bin/sh", "-c", line], env={"PATH": str(tmp_path)}, capture_output=True, text=True
  )
  assert done.stdout.splitlines()[1:] == [
    "REPOSITORY is empty: write the repository's address there and run this cell again."
  ]


@pytest.mark.parametrize("drive", [False, True])
@pytest.mark.parametrize("in_colab", [False, True])
def test_own_files_and_runs_that_last(drive, in_colab, tmp_path, monkeypatch, capsys):
  monkeypatch.chdir(tmp_path)
  mounted = []

  def upload():
    pathlib.Path("a b.png").write_text("picture")
    with zipfile.ZipFile("more.zip", "w") as archive:
      archive.writestr("c.png", "another")
    return {"a b.png": b"", "more.zip": b""}

  if in_colab:
    found = types.ModuleType("google.colab")
    found.drive = types.SimpleNamespace(mount=mounted.append)
    found.files = types.SimpleNamespace(upload=upload)
    monkeypatch.setitem(sys.modules, "google.colab", found)
  (cell,) = {
    cell.source
    for name in TRAINING
    for cell in code(read(name))
    if cell.source.startswith("# @title Files")
  }
  cell = cell.replace("DRIVE = False", f"DRIVE = {drive}")
  names = {}
  exec(cell.replace('UPLOAD = ""', 'UPLOAD = "photos"'), names)
  lasts = drive and in_colab
  assert names["RUNS"] == ("/content/drive/MyDrive/jaxgan" if lasts else "runs")
  assert mounted == ["/content/drive"] * lasts
  files = {path.name for path in tmp_path.glob("photos/*")}
  assert files == ({"a b.png", "c.png"} if in_colab else set())
  assert ("Not in Colab" in capsys.readouterr().out) == (not in_colab)


def test_there_is_a_badge_for_each_and_advice_on_runtimes():
  text = (FOLDER / "README.md").read_text()
  where = r"https://colab\.research\.google\.com/github/OWNER/REPOSITORY/blob/BRANCH"
  assert sorted(re.findall(rf"^\[!.*\]\({where}/colab/(\w+)", text, re.M)) == NOTEBOOKS
  for name in TRAINING:
    first = read(name).cells[0].source
    assert "the v5e-1 TPU" in first and "GPU" in first


@pytest.mark.parametrize(
  ("field", "model", "known"),
  [
    ("STYLE", "styles", lambda facts: facts["styles"]),
    ("HAIR", "anime", lambda facts: ["any", *facts["classes"]["hair"]]),
  ],
)
def test_menus_hold_what_the_models_know(field, model, known):
  (facts,) = workdir.load(f"shipped:{model}").facts.values()
  assert menu(read("tour"), field) == list(known(facts))


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_makes_its_pictures(name, tmp_path, monkeypatch):
  programs = pathlib.Path(sys.executable).parent
  monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
  # One device, as on a laptop.
  flags = f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count=1"
  monkeypatch.setenv("XLA_FLAGS", flags)
  for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
    monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
  notebook = read(name)
  nbclient.NotebookClient(
    notebook,
    timeout=600,
    kernel_name="python3",
    resources={"metadata": {"path": tmp_path}},
  ).execute()

  shown = [
    kind.removeprefix("image/")
    for cell in code(notebook)
    for output in cell.outputs
    if output.output_type == "execute_result"
    for kind in output.data
    if kind.startswith("image/")
  ]
  assert shown == SHOWN[name]
  pictures = [*tmp_path.glob("*.png"), *tmp_path.glob("runs/*/*.png")]
  for path in pictures:
    with Image.open(path) as picture:
      assert np.ptp(np.asarray(picture)) > 0
