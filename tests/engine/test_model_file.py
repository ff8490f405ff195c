"""A model file: what comes back, and what is said of files that are wrong."""

import ml_collections
import numpy as np
import pytest
from safetensors import numpy
from safetensors.numpy import load_file, save_file

from jaxgan import errors
from jaxgan.engine import model_file, workdir


def _run(**fields):
  random = np.random.default_rng(0)
  draw = lambda *shape: random.normal(size=shape).astype(np.float32)
  trees = {
    "params.net": {"kernel": draw(3, 3, 4, 5), "bias": draw(5), "slope": draw()},
    "extra.net": {"batch_stats": {"mean": draw(2, 3)}, "empty": {}},
    "extra.list": {"layers": [draw(2, 2), {"a/b": draw(1)}, None], "a": {"b": draw(1)}},
    "extra.huge": np.full((2, 2), 1e6, np.float32),
    "extra.count": np.arange(6, dtype=np.int32).reshape(2, 3),
  }
  config = ml_collections.ConfigDict({"seed": 0, "data": {"size": [4, 6]}})
  facts = {"4 wide/x": {"image": draw(1, 2, 2, 3), "names": ["a"]}, "8 wide": {"n": 1}}
  origin = {"config": "toy", "evaluation": {"distance": 0.5}}
  run = model_file.FileRun("toy", config, facts, 12, trees, origin)
  return run._replace(**fields)


@pytest.fixture
def path(tmp_path):
  path = tmp_path / "toy.safetensors"
  model_file.write(path, _run(), "float32")
  return path


def _assert_same(got, want):
  if isinstance(want, np.ndarray):
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(got, want)
  elif isinstance(want, dict):
    assert got.keys() == want.keys()
    for name in want:
      _assert_same(got[name], want[name])
  elif isinstance(want, list):
    assert len(got) == len(want)
    for one, other in zip(got, want, strict=True):
      _assert_same(one, other)
  else:
    assert got == want


def test_all_comes_back(path):
  run, want = workdir.load(path), _run()
  assert run.name == str(path) and run.run_step() == 12
  assert run.items() == set(want.trees)
  for name, tree in want.trees.items():
    _assert_same(run.restore(name), tree)
  _assert_same(run.facts, want.facts)
  assert run.config == want.config and run.provenance() == want.origin


def test_float16_is_for_weights_and_images_alone(tmp_path):
  path, want = tmp_path / "half.safetensors", _run()
  model_file.write(path, want)
  types = {name: x.dtype.name for name, x in load_file(path).items()}
  assert {name for name, dtype in types.items() if dtype == "float16"} == {
    "params.net/kernel",
    "extra.list/layers/0",
    "facts/4 wide/x/image",
  }
  got = model_file.read(path).restore("params.net")
  assert got["kernel"].dtype == np.float32
  kernel = want.trees["params.net"]["kernel"]
  np.testing.assert_allclose(got["kernel"], kernel, rtol=2**-11, atol=1e-6)
  _assert_same(got["bias"], want.trees["params.net"]["bias"])


def test_the_file_is_small_and_may_be_read_by_others(path):
  size = sum(x.nbytes for x in load_file(path).values())
  assert path.stat().st_size < size + 3000
  assert path.stat().st_mode & 0o044 or not path.parent.stat().st_mode & 0o044
  assert [x.name for x in path.parent.iterdir()] == [path.name]


def test_it_holds_one_step_and_only_what_was_exported(path):
  assert workdir.load(path, "12").run_step() == workdir.load(path, 12).run_step() == 12
  with pytest.raises(errors.UserError, match=r"--step=3: .* holds step 12 alone"):
    workdir.load(path, 3)
  with pytest.raises(errors.UserError, match=r"holds no 'opt.net'.* give the folder"):
    workdir.load(path).restore("opt.net")


DAMAGES = {
  "truncated": lambda x: x[: len(x) // 2],
  "empty": lambda x: b"",
  "text": lambda x: b"not a model" * 9,
  "flipped": lambda x: x[:-5] + bytes([x[-5] ^ 1]) + x[-4:],
  "renamed": lambda x: x.replace(b"net/bias", b"net/hias"),
  "config": lambda x: x.replace(b'seed\\": 0', b'seed\\": 1'),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_damage_is_one_line(path, how):
  content = path.read_bytes()
  damaged = DAMAGES[how](content)
  assert damaged != content
  path.write_bytes(damaged)
  told = rf"{path} is damaged or no model file \(.*\): download it or export it again"
  with pytest.raises(errors.UserError, match=told) as error:
    workdir.load(path)
  assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
  ("header", "told"),
  [
    (None, "is no model of jaxgan: give a file that python -m jaxgan.export wrote"),
    ({"format": "pt"}, "is no model of jaxgan"),
    ({"format": "jaxgan", "version": "2"}, "version 2 .* reads version 1: update"),
    ({"format": "jaxgan", "version": "0"}, "reads version 1: export the run again"),
    ({"format": "jaxgan", "version": "1"}, "is damaged"),
  ],
)
def test_files_of_other_programs_and_versions(tmp_path, header, told):
  path = tmp_path / "x.safetensors"
  save_file({"x": np.zeros(3)}, path, header)
  with pytest.raises(errors.UserError, match=told):
    workdir.load(path)


def test_a_tree_that_names_no_tensor_is_damage(path, monkeypatch):
  run = _run(trees={"params.net": {"kernel": np.zeros(2)}})
  monkeypatch.setattr(model_file, "save", lambda _, header: numpy.save({}, header))
  monkeypatch.setattr(model_file, "_digest", lambda header, arrays: "x")
  model_file.write(path, run)
  with pytest.raises(errors.UserError, match="is damaged"):
    workdir.load(path)


def test_no_file(tmp_path):
  with pytest.raises(errors.UserError, match=r"no model file .*x\.safetensors"):
    workdir.load(tmp_path / "x.safetensors")
  (tmp_path / "file").write_text("")
  with pytest.raises(errors.UserError, match=r"cannot write .*x\.safetensors: "):
    model_file.write(tmp_path / "file" / "x.safetensors", _run())
