"""The notebooks run from top to bottom as they are committed, and hold no outputs."""

import os
import pathlib
import sys

import nbclient
import nbformat
import numpy as np
from PIL import Image
import pytest

FOLDER = pathlib.Path(__file__).parents[1] / "colab"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))


def code(notebook):
  """The cells with code."""
  return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook_is_valid_and_without_outputs(name):
  notebook = nbformat.read(FOLDER / name, as_version=4)
  nbformat.validate(notebook)
  assert code(notebook)
  for cell in code(notebook):
    assert cell.outputs == [] and cell.execution_count is None


@pytest.mark.slow
def test_dcgan_trains_tiny_and_makes_images(tmp_path, monkeypatch):
  programs = pathlib.Path(sys.executable).parent
  monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
  # One device, as on a laptop.
  flags = f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count=1"
  monkeypatch.setenv("XLA_FLAGS", flags)
  for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
    monkeypatch.setenv(name, str(tmp_path / name.lower()))
  notebook = nbformat.read(FOLDER / "dcgan.ipynb", as_version=4)
  nbclient.NotebookClient(
    notebook,
    timeout=300,
    kernel_name="python3",
    resources={"metadata": {"path": tmp_path}},
  ).execute()

  shown = [
    output.data
    for cell in code(notebook)
    for output in cell.outputs
    if output.output_type == "execute_result"
  ]
  assert [kind for data in shown for kind in data if kind.startswith("image")] == [
    "image/png",
    "image/png",
    "image/gif",
  ]
  run = tmp_path / "runs" / "anime_tiny"
  with Image.open(run / "samples.png") as samples:
    assert samples.size == (4 * 96, 4 * 96) and np.ptp(samples) > 0
  with Image.open(run / "walk.gif") as walk:
    assert walk.size == (96, 96) and walk.n_frames > 4
