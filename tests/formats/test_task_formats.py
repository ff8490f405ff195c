"""What the formats of tasks write, for whom, and what they refuse."""

import json
import pathlib
import re
import subprocess
import sys
import types

import numpy as np
import onnx as onnx_package
import pytest

from jaxgan import errors, runner
from jaxgan.formats import TASK, TASKS, arranged, onnx, stablehlo, web

ROOT = pathlib.Path(__file__).parents[2]
PHOTOGRAPHS = np.random.default_rng(1).integers(0, 256, (2, 4, 5, 3), np.uint8)
STYLES = np.float32([[1, 0], [0.25, 0.75]])


def as_floats(images):
  return images.astype(np.float32) / 127.5 - 1


@pytest.mark.parametrize("layout", arranged.LAYOUTS)
def test_layout_and_bytes(toy, tmp_path, layout):
  want = np.asarray(toy.function(toy.weights, as_floats(PHOTOGRAPHS), STYLES))
  turn = (0, 3, 1, 2) if layout == "nchw" else (0, 1, 2, 3)
  path = tmp_path / "x.onnx"
  TASK["onnx"](toy, path, {"task": "toy"}, layout=layout, bytes=True)
  got = onnx.load(path)(PHOTOGRAPHS.transpose(turn), STYLES)
  assert got.dtype == np.uint8
  np.testing.assert_allclose(got, 255 * want.transpose(turn), atol=0.51)


def test_what_an_onnx_file_tells(toy, tmp_path):
  path = tmp_path / "x.onnx"
  TASK["onnx"](toy, path, {"task": "toy", "config": "toys"})
  model = onnx_package.load(path)
  (metadata,) = model.metadata_props
  told = json.loads(metadata.value)
  assert metadata.key == "jaxgan" and told["config"] == "toys"
  photographs, styles = told["inputs"]
  assert photographs["shape"] == ["batch", "2*height", "width", 3]
  assert (photographs["low"], photographs["high"]) == (-1, 1)
  assert photographs["layout"] == "NHWC" and styles["names"] == ["dark", "bright"]
  shape = model.graph.input[0].type.tensor_type.shape
  assert [x.dim_param or x.dim_value for x in shape.dim] == photographs["shape"]
  assert [x.name for x in model.graph.output] == ["images"]
  assert [x.version for x in model.opset_import] == [17]


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_weights_are_halved_on_request(toy, tmp_path, dtype):
  graph, program = tmp_path / "x.onnx", tmp_path / "x.stablehlo"
  TASK["onnx"](toy, graph, {}, dtype=dtype)
  types_of = {x.data_type for x in onnx_package.load(graph).graph.initializer}
  assert (onnx_package.TensorProto.FLOAT16 in types_of) == (dtype == "float16")
  TASK["stablehlo"](toy, program, {}, dtype=dtype, weights="beside")
  assert np.load(tmp_path / "x.npz")["kernel"].dtype == dtype


def test_weights_beside_the_program(toy, tmp_path):
  path = tmp_path / "x.stablehlo"
  TASK["stablehlo"](toy, path, {}, weights="beside")
  assert sorted(x.name for x in tmp_path.iterdir()) == ["x.npz", "x.stablehlo"]
  arrays = dict(np.load(tmp_path / "x.npz"))
  assert arrays.keys() == {"kernel", "light"}
  call = stablehlo.load(path)
  floats = as_floats(PHOTOGRAPHS)
  dark = call(weights=arrays, photographs=floats, styles=STYLES)
  arrays["light"] = arrays["light"] + 1
  bright = call(weights=arrays, photographs=floats, styles=STYLES)
  assert (np.asarray(bright) > np.asarray(dark)).all()


@pytest.mark.slow
def test_the_loader_of_the_docs_needs_jax_alone(tmp_path):
  page = (ROOT / "docs" / "export.md").read_text()
  loader = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[0]
  assert len(loader.splitlines()) <= 10
  family, run = runner.open_run("shipped:styles")
  stylize = family.EXPORTS["stylize"](run)
  TASK["stablehlo"](stylize, tmp_path / "styles.stablehlo", {})
  ending = "import sys; print(images.shape, 'jaxgan' in sys.modules)"
  done = subprocess.run(
    [sys.executable, "-c", f"{loader}\n{ending}"],
    cwd=tmp_path,
    capture_output=True,
    text=True,
    check=False,
  )
  assert done.returncode == 0, done.stderr
  assert done.stdout == "(1, 64, 96, 3) False\n"


@pytest.mark.parametrize("suffix", ["onnx", "stablehlo"])
def test_nothing_is_written_that_differs(toy, tmp_path, suffix, monkeypatch):
  # What is exported is brighter than what it is compared with.
  created = []

  def arrange(given, options):
    created.append(given)
    if len(created) > 1:
      return arranged.arrange(given, options)
    brighter = lambda *inputs: given.function(*inputs) + 0.002
    return arranged.arrange(given._replace(function=brighter), options)

  fake = types.SimpleNamespace(**vars(arranged) | {"arrange": arrange})
  monkeypatch.setattr(f"jaxgan.formats.{suffix}.arranged", fake)
  with pytest.raises(errors.UserError, match="nothing is written, since"):
    TASK[suffix](toy, tmp_path / f"x.{suffix}", {})
  assert not list(tmp_path.iterdir())


def test_an_operation_without_translation(toy, tmp_path):
  strange = lambda weights, x, styles: toy.function(weights, x, styles).cumsum(1)
  with pytest.raises(errors.UserError, match=r"no translation of JAX's cumsum"):
    TASK["onnx"](toy._replace(function=strange), tmp_path / "x.onnx", {})


@pytest.mark.parametrize("form", ["onnx", "web"])
def test_a_package_is_missing(toy, tmp_path, form, monkeypatch):
  monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
  with pytest.raises(errors.UserError, match=r"needs the package onnx: pip install"):
    if form in TASK:
      TASK[form](toy, tmp_path / "x.onnx", {})
    else:
      TASKS[form]([(toy, {})], tmp_path / "page")


def test_an_output_that_cannot_be_written(toy, tmp_path):
  (tmp_path / "file").write_text("")
  for form in ("onnx", "stablehlo"):
    with pytest.raises(errors.UserError, match="cannot write"):
      TASK[form](toy, tmp_path / "file" / f"x.{form}", {})


def test_a_page_of_two_models(toy, tmp_path, fake_runtime):
  about, output = {"task": "toy", "summary": "A toy."}, tmp_path / "page"
  models = [(toy, about), (toy, about | {"task": "other"})]
  for _ in range(2):  # An earlier one is replaced.
    TASKS["web"](models, output, runtime=str(fake_runtime))
  told = json.loads((output / "model.json").read_text())
  assert told["title"] == "jaxgan: toy, other"
  assert told["runtime"] == "onnxruntime-web 1.2.3"
  assert [x["task"] for x in told["models"]] == ["toy", "other"]
  assert told["models"][0]["inputs"][0]["dtype"] == "uint8"
  loaded = [told["wasm"], *told["models"]]
  for each in loaded:
    assert (output / each["file"]).stat().st_size == each["bytes"]
  names = {path.name for path in output.iterdir()}
  page = {path.name for path in web.PAGE.iterdir()}
  assert names == {*(x["file"] for x in loaded), "model.json", "ort.mjs", *page}
  assert sorted(x.name for x in tmp_path.iterdir()) == ["onnxruntime-web", "page"]


def test_pages_that_are_refused(toy, tmp_path, fake_runtime, monkeypatch):
  about, output = {"task": "toy"}, tmp_path / "page"
  with pytest.raises(errors.UserError, match=r"npm pack onnxruntime-web@1\.30\.0"):
    TASKS["web"]([(toy, about)], output, runtime=str(tmp_path / "x.tgz"))
  monkeypatch.setattr(web, "LIMIT", 1000)
  with pytest.raises(errors.UserError, match=r"over 0: try --dtype=float16"):
    TASKS["web"]([(toy, about)], output, runtime=str(fake_runtime))
  monkeypatch.setattr(web, "LIMIT", 10**6)
  output.mkdir()
  (output / "thesis.txt").write_text("")
  with pytest.raises(errors.UserError, match="something else is there"):
    TASKS["web"]([(toy, about)], output, runtime=str(fake_runtime))
  assert [path.name for path in output.iterdir()] == ["thesis.txt"]
