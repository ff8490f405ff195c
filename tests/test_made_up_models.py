"""Model files that are made up to deceive: one line each, and nothing of them is run.

Their digest is right, since whoever writes a file can compute it.
"""

import json
import sys

import jax
import ml_collections
import numpy as np
import pytest
from safetensors import numpy as safetensors

from jaxgan import errors, generate, pretrained, runner
from jaxgan.engine import model_file, workdir
from jaxgan.experiments.stylize import networks


@pytest.fixture
def open_changed(tmp_path):
  """`open_changed(name, change)` opens a shipped model that was changed.

  `change` gets the config, the facts and the items, whose trees have new nodes.
  """

  def opened(name, change):
    run = workdir.load(f"shipped:{name}")
    fields = run.config.to_dict(), run.facts, jax.tree.map(np.asarray, run.trees)
    change(*fields)
    run = run._replace(config=ml_collections.ConfigDict(fields[0]), trees=fields[2])
    path = tmp_path / "made_up.safetensors"
    model_file.write(path, run, "float32")
    return runner.open_run(path)

  return opened


def _set(*place):
  """A change of one field, fact or array."""
  *groups, last, value = place

  def change(config, facts, items):
    tree = {"config": config, "facts": facts, "items": items}
    for group in groups:
      tree = tree[group]
    tree[last] = value

  return change


FLAT = np.zeros((2, 3), np.float32)
KERNEL = ("items", "extra.ema", "params", "Dense_0", "kernel")
STAGE = ("facts", "1_30x38")
CHANGES = {
  "shape": (
    "anime",
    _set(*KERNEL, FLAT),
    r"Dense_0'\]\['kernel'\] is float32 \[2, 3\]",
  ),
  "type": ("anime", _set(*KERNEL, FLAT.astype(int)), r"'kernel'\] is int64 \[2, 3\]"),
  "too few": (
    "anime",
    _set(*KERNEL, {}),
    r"\['kernel'\] is missing, and by the config",
  ),
  "no item": ("starry", lambda *x: x[2].pop("params.frozen"), "is missing, and by"),
  "too many": ("anime", _set(*KERNEL[:-1], "\x1b[2J", FLAT), r"1b\[2J'\] is .* none"),
  "dcgan width": ("anime", _set("config", "generator", "width", 60_000), "array extra"),
  "huge width": ("anime", _set("config", "generator", "width", 10**9), "up to|from 1"),
  "huge image": ("anime", _set("config", "data", "size", 10**9), "data.size"),
  "text": ("anime", _set("config", "generator", "latents", "x"), "made up.*TypeError"),
  "classes": ("anime", _set("facts", "96x96", "classes", {}), "frequencies are not"),
  "no facts": ("anime", _set("facts", "96x96", {}), "made up.*'classes'"),
  "width": ("styles", _set("config", "stylizer", "width", 50_000), "array params"),
  "option": ("styles", _set("config", "stylizer", "depth", 1), "made up.*TypeError"),
  "unhashable": ("starry", _set("config", "batch_norm", []), "made up.*TypeError"),
  "styles": ("styles", _set("facts", "13_styles", "styles", ["a"] * 13), "no names"),
  "tile": ("monet", _set("config", "data", "size", 2**20), "data.size = 1048576 must"),
  "blocks": ("monet", _set("config", "generator", "blocks", 10**9), "generator.blocks"),
  "size": ("starry", _set(*STAGE, "size", [31, 38]), r"real_1'\] .* \[1, 31, 38, 3\]"),
  "channels": ("starry", _set(*STAGE, "channels", 4), r"real_1.* \[1, 30, 38, 4\]"),
  "noise": ("starry", _set("items", "extra.noise", "0", FLAT), "array extra.noise"),
  "stage": (
    "starry",
    _set("items", "extra.amplitudes", np.ones(9)),
    "KeyError.*real_6",
  ),
  "seed": ("starry", _set("config", "seed", 2**70), "config.seed"),
}


@pytest.mark.parametrize("how", CHANGES)
def test_what_is_not_as_the_config_says_is_told(open_changed, how):
  name, change, told = CHANGES[how]
  with pytest.raises(errors.UserError, match=told) as error:
    open_changed(name, change)
  assert "made_up.safetensors" in str(error.value)
  assert len(str(error.value).splitlines()) == 1 and len(str(error.value)) < 400


def test_styles_that_were_added_lie_beside_the_others(open_changed):
  def split(config, facts, items):
    tables = {x: y for x, y in items["params.stylizer"].items() if x.endswith("_norm")}
    parts = lambda part: {
      x: {z: w[part] for z, w in y.items()} for x, y in tables.items()
    }
    items["params.rows"] = parts(slice(11, None))
    items["params.stylizer"].update(parts(slice(11)))

  _, run = open_changed("styles", split)
  assert len(networks.restore(run).params["expand3_norm"]["bias"]) == 13


def test_no_training_begins_from_such_a_file(open_changed, tmp_path):
  from jaxgan.configs import dcgan_anime

  with pytest.raises(errors.UserError):
    open_changed("anime", _set(*KERNEL, FLAT))
  config = dcgan_anime.get_config("tiny")
  config.init.workdir = str(tmp_path / "made_up.safetensors")
  with pytest.raises(errors.UserError, match=r"array extra\.ema"):
    runner.prepared(config)


def test_names_in_a_file_do_not_steer_the_terminal(open_changed, tmp_path, capsys):
  names = ["\x1b[2J", *map(str, range(12))]
  open_changed("styles", _set("facts", "13_styles", "styles", names))
  generate.main(["generate", f"--workdir={tmp_path / 'made_up.safetensors'}", "--list"])
  assert "?[2J, 0, 1" in (shown := capsys.readouterr().out) and "\x1b" not in shown
  assert errors.printable("a\r\x9b\tb\nc") == "a??\tb\nc"


def _of_family(path, name):
  config = ml_collections.ConfigDict({"experiment": name})
  model_file.write(path, model_file.FileRun("", config, {}, 1, {}, {}))
  return path


@pytest.fixture
def here(tmp_path, monkeypatch):
  """The current folder, with a package that leaves a mark when it is imported."""
  package = tmp_path / "strangers"
  package.mkdir()
  mark = "import pathlib; pathlib.Path(__file__).with_name('mark').touch()\n"
  (package / "__init__.py").write_text(mark)
  members = "TASKS, stages, evaluate = {}, print, print\n"
  (package / "family.py").write_text(mark + members)
  monkeypatch.chdir(tmp_path)
  monkeypatch.syspath_prepend(tmp_path)
  yield tmp_path
  for name in ("strangers.family", "strangers"):
    sys.modules.pop(name, None)


def test_nothing_is_imported_from_the_current_folder(here, monkeypatch):
  path = _of_family(here / "x.safetensors", "strangers.family")
  with pytest.raises(errors.UserError, match="installed: install strangers"):
    runner.open_run(path)
  assert not list(here.glob("strangers/mark")) and "strangers" not in sys.modules
  # One's own run in a folder may be of a family in development...
  run = here / "run"
  run.mkdir()
  (run / "config.json").write_text(json.dumps({"experiment": "strangers.family"}))
  (run / "facts.json").write_text("{}")
  assert runner.open_run(run)[0].TASKS == {}
  # ...and what is found without the current folder is installed.
  monkeypatch.setenv("PYTHONPATH", str(here))
  assert runner.open_run(path)[0].TASKS == {}


def test_pythons_own_modules_are_no_families(tmp_path):
  path = _of_family(tmp_path / "x.safetensors", "idlelib.idle")  # Opens a window.
  with pytest.raises(errors.UserError, match="install idlelib"):
    runner.open_run(path)


def _with_header(path, **texts):
  """The shipped anime model with other texts, and the digest of these."""
  source = pretrained.find("shipped:anime")
  with safetensors.safe_open(source, "numpy") as file:
    header = file.metadata() | texts
  arrays = safetensors.load_file(source)
  header.pop("digest")
  header["digest"] = model_file._digest(header, arrays)
  path.write_bytes(safetensors.save(arrays, header))
  return path


def test_a_file_cannot_grow_in_memory(tmp_path, monkeypatch):
  path, name = tmp_path / "x.safetensors", "extra.ema/params/Dense_0/kernel"
  again = {"items": {"extra.ema": [name] * 100}, "facts": {"96x96": {}}}
  with pytest.raises(errors.UserError, match=r"x\.safetensors is damaged"):
    workdir.load(_with_header(path, arrays=json.dumps(again)))
  with pytest.raises(errors.UserError, match="its texts have more than"):
    workdir.load(_with_header(path, provenance=" " * 2**24 + "{}"))
  with pytest.raises(errors.UserError, match="items or its provenance have no names"):
    workdir.load(_with_header(path, provenance="[]"))
  monkeypatch.setattr(model_file, "MOST_BYTES", 1_000)
  with pytest.raises(errors.UserError, match="more than 1,000 bytes"):
    workdir.load("shipped:anime")
