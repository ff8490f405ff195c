"""Whose folder it is."""

import json

import numpy as np
import pytest

from jaxgan import errors
from jaxgan.engine import core, workdir

CONFIG = {
  "experiment": "toy",
  "num_steps": 6,
  "every": {"log": 2, "image": 5},
  "keep": 3,
  "profile": {"steps": 0},
  "seed": 0,
  "ema": 0.9,
  "data": {"size": (4, 6), "path": ""},
}


def test_a_folder_is_made_and_read_again(tmp_path):
  folder = tmp_path / "runs" / "new"
  workdir.claim(folder, CONFIG)
  with pytest.raises(errors.UserError, match=r"no run in .*--workdir"):
    workdir.load(folder)  # It is not known yet what its stages say.
  workdir.claim(folder, CONFIG, {"4 wide": {"classes": ["a", "b"]}})
  run = workdir.load(folder, "latest")
  assert run.config.data.size == [4, 6] and run.facts["4 wide"]["classes"] == ["a", "b"]
  assert sorted(x.name for x in folder.iterdir()) == ["config.json", "facts.json"]
  with pytest.raises(errors.UserError, match="no checkpoint"):
    run.run_step()


def claim_and_save(folder):
  workdir.claim(folder, CONFIG)
  (folder / "checkpoints" / "2").mkdir(parents=True)


def test_until_something_is_saved_a_config_can_be_corrected(tmp_path):
  workdir.claim(tmp_path, CONFIG | {"data": {"path": "typo"}})
  (tmp_path / "checkpoints" / "2.orbax-checkpoint-tmp").mkdir(parents=True)
  workdir.claim(tmp_path, CONFIG, {})
  assert workdir.load(tmp_path).config.data.path == ""


def test_what_does_not_change_a_step_may_change(tmp_path):
  claim_and_save(tmp_path)
  changed = CONFIG | {
    "num_steps": 9,
    "every": {"log": 1, "image": 0},
    "keep": 1,
    "profile": {"steps": 3},
  }
  with pytest.raises(errors.UserError, match="num_steps was 6, is 9"):
    workdir.claim(tmp_path, changed)  # A learning rate may follow from it.
  workdir.claim(tmp_path, changed, free=("num_steps",))
  moved = changed | {"data": {"size": (4, 6), "path": "b"}}
  with pytest.raises(errors.UserError, match=r"data\.path was '', is 'b'"):
    workdir.claim(tmp_path, moved, free=("num_steps", "data.pa", "path"))
  workdir.claim(tmp_path, moved, free=("data.path",))
  assert json.loads((tmp_path / "config.json").read_text())["num_steps"] == 9


def test_facts_may_hold_arrays(tmp_path):
  image = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
  facts = {"a/b": {"image": image, "names": ["x"]}, "c": {"n": 1}}
  workdir.claim(tmp_path, CONFIG, facts)
  got = workdir.load(tmp_path).facts
  np.testing.assert_array_equal(got["a/b"]["image"], image)
  assert got["a/b"]["names"] == ["x"] and got["c"] == {"n": 1}


@pytest.mark.parametrize("name", ["config.json", "facts.json", "facts.npz"])
def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, name):
  (tmp_path / name).mkdir()
  with pytest.raises(errors.UserError, match="cannot use the workdir"):
    workdir.claim(tmp_path, CONFIG, {"a": {"image": np.zeros(2)}})
  assert not [x.name for x in tmp_path.iterdir() if "tmp" in x.name]


@pytest.mark.parametrize(
  ("change", "told"),
  [
    ({"seed": 1}, r"\(seed was 0, is 1\)"),
    ({"data": {"size": (4, 6), "path": "b"}}, r"\(data\.path was '', is 'b'\)"),
    ({"data": {"size": (4, 8), "path": ""}}, r"\(data\.size was \[4, 6\], is .* 8\]\)"),
    ({"new": True}, r"\(new was None, is True\)"),
    (
      {"seed": 1, "ema": 0.5, "experiment": "x", "data": {}},
      r"\(data\.path was .*; data\.size .*; ema was 0\.9, is 0\.5 and 2 more\)",
    ),
  ],
)
def test_another_config_is_refused_and_the_fields_are_named(tmp_path, change, told):
  claim_and_save(tmp_path)
  before = (tmp_path / "config.json").read_bytes()
  with pytest.raises(errors.UserError, match=told + ": choose another --workdir"):
    workdir.claim(tmp_path, CONFIG | change)
  assert (tmp_path / "config.json").read_bytes() == before


def test_options_that_came_after_a_run_began_do_not_stop_it_if_they_are_off(tmp_path):
  claim_and_save(tmp_path)
  later = {"clip": 0.0, "decay_end": 0, "rule": False}
  workdir.claim(tmp_path, CONFIG | later | {"data": CONFIG["data"] | {"only": ""}})


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
  (tmp_path / "file").write_text("")
  for folder, why in (
    (tmp_path / "file", "File exists"),
    (tmp_path / "file" / "run", "Not a directory"),
    (tmp_path / ("x" * 300), "File name too long"),
  ):
    with pytest.raises(errors.UserError, match=rf"workdir {folder}: {why}; choose"):
      workdir.claim(folder, CONFIG)
    told = pytest.raises(errors.UserError, match=rf"workdir {folder}: {why}; choose")
    with told, workdir.lock(folder):
      pass


def test_a_damaged_config_is_not_overwritten(tmp_path):
  claim_and_save(tmp_path)
  (tmp_path / "config.json").write_text('{"seed": ')
  with pytest.raises(errors.UserError, match=r"config\.json is damaged"):
    workdir.claim(tmp_path, CONFIG)
  assert (tmp_path / "config.json").read_text() == '{"seed": '


def test_two_programs_do_not_train_in_one_folder(tmp_path):
  folder = tmp_path / "run"
  with workdir.lock(folder):
    told = pytest.raises(errors.UserError, match=rf"another program .* {folder}: stop")
    with told, workdir.lock(folder):
      pass
    with workdir.lock(tmp_path / "other"):
      pass
  with workdir.lock(folder):
    pass


def test_processes_that_train_shares_do_not_exclude_each_other(tmp_path):
  one, other = core.Share(0, 2), core.Share(1, 2)
  with workdir.lock(tmp_path, one), workdir.lock(tmp_path, other):
    for share in (core.WHOLE, one, other):
      told = pytest.raises(errors.UserError, match="another program")
      with told, workdir.lock(tmp_path, share):
        pass
