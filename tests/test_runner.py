"""The family contract: what a family must define, and what it may."""

import json
import sys
import types

import pytest

from jaxgan import errors, experiments, runner
from jaxgan.engine import core
from tests.engine import toy


@pytest.fixture
def family(monkeypatch):
  """The toy as a family whose members can be replaced."""
  module = types.ModuleType("jaxgan.experiments.toy")
  module.__spec__ = toy.__spec__
  for name in ("TASKS", "FREE", "stages", "evaluate"):
    setattr(module, name, getattr(toy, name))
  monkeypatch.setitem(sys.modules, module.__name__, module)
  return module


def config(**fields):
  result = toy.get_config()
  result.update(num_steps=2, num_stages=1)
  result.update_from_flattened_dict(fields)
  return result


@pytest.mark.parametrize("name", ["TASKS", "stages", "evaluate"])
def test_a_family_that_lacks_a_member_is_refused(family, name):
  assert runner.find_family("toy") is family
  delattr(family, name)
  with pytest.raises(
    errors.UserError, match=r"'toy' is no family: .* TASKS, stages and"
  ):
    runner.find_family("toy")


def test_what_several_families_share_is_no_family():
  with pytest.raises(errors.UserError, match="'shared' is no family"):
    runner.find_family("shared")
  with pytest.raises(errors.UserError, match="did you mean 'stylize'"):
    runner.find_family("stylise")


def test_extras_are_the_familys_own_or_the_defaults(family):
  assert experiments.extra(family, "FREE") == toy.FREE
  assert experiments.extra(family, "RENAMED") == {}
  assert experiments.extra(family, "check")(config()) is None
  assert experiments.extra(family, "complete")("config") == "config"
  assert experiments.extra(family, "parts")(config()) is None
  run = types.SimpleNamespace(
    items=lambda: {"params.a", "extra.b", "opt.a", "clock"}, restore=str.upper
  )
  want = {"params.a": "PARAMS.A", "extra.b": "EXTRA.B"}
  assert experiments.extra(family, "exported")(run) == want
  family.parts = lambda config: ["a part"]
  assert experiments.extra(family, "parts")(config()) == ["a part"]


def test_the_config_is_completed_then_checked_before_data_are_read(family, tmp_path):
  def complete(config):
    config.data.batch_size = 4
    return config

  def check(config):
    assert config.data.batch_size == 4
    raise errors.UserError("checked")

  family.complete, family.check = complete, check
  family.stages = lambda config: pytest.fail("data were read")
  with pytest.raises(errors.UserError, match="checked"):
    runner.train(config(), tmp_path / "run")
  assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
  ("field", "value"),
  [
    ("seed", -1),
    ("seed", 2**32),
    ("seed", 2**64),
    ("num_steps", 0),
    ("keep", 0),
    ("data.batch_size", -3),
    ("every.checkpoint", -1),
    ("every.log", -2),
  ],
)
def test_bad_values_of_common_fields_are_named(family, tmp_path, field, value):
  family.stages = lambda config: pytest.fail("data were read")
  with pytest.raises(errors.UserError, match=rf"^config\.{field} = {value} "):
    runner.train(config(**{field: value}), tmp_path / "run")
  assert not (tmp_path / "run").exists()


def test_a_run_of_parts_belongs_to_one_config_too(family, tmp_path):
  family.parts = lambda config: [core.Part("part", toy.stages(config))]
  runner.train(config(), tmp_path)
  with pytest.raises(errors.UserError, match="seed was 0, is 1"):
    runner.train(config(seed=1), tmp_path)
  runner.train(config(num_steps=3), tmp_path)  # It is free.


def test_a_second_start_changes_nothing_while_the_first_reads_its_data(
  family, tmp_path
):
  def stages(given):
    assert given.seed == 0
    told = pytest.raises(errors.UserError, match="another program is training in")
    with told:
      runner.train(config(seed=1), tmp_path)
    return toy.stages(given)

  family.stages = stages
  runner.train(config(), tmp_path)
  assert runner.open_run(tmp_path)[1].config.seed == 0


def test_fields_that_are_free_may_change_and_others_not(family, tmp_path):
  runner.train(config(), tmp_path)
  runner.train(config(num_steps=3), tmp_path)
  _, run = runner.open_run(tmp_path)
  assert run.run_step() == 3 and run.config.num_steps == 3
  with pytest.raises(errors.UserError, match="seed was 0, is 1"):
    runner.train(config(seed=1), tmp_path)
  family.FREE = ()
  with pytest.raises(errors.UserError, match="num_steps was 3, is 4"):
    runner.train(config(num_steps=4), tmp_path)
  # A later version that has other names.
  family.RENAMED = {"pause": "", "data.batch_size": "data.batch", "data.sise": "size"}
  told = r"config\.json \(pause is gone; data\.batch_size is now data\.batch\)"
  with pytest.raises(errors.UserError, match=told):
    runner.open_run(tmp_path)
  with pytest.raises(errors.UserError, match=told):
    runner.train(config(num_steps=3), tmp_path)


def test_runs_of_one_training_are_told_in_one_table(family, tmp_path):
  family.parts = lambda config, share: []  # Others have trained these.
  for name, error in (("a", 0.25), ("b", 0.5)):
    evaluation = tmp_path / name / "checkpoints" / "4" / "evaluation.json"
    evaluation.parent.mkdir(parents=True)
    evaluation.write_text(json.dumps({"rmse": error, "score": error}))
    (tmp_path / name / "config.json").write_text("{}")
  runner.train(config(), tmp_path, share=core.Share(0, 2))
  lines = (tmp_path / "table.txt").read_text().splitlines()
  assert [line.split() for line in lines] == [
    ["run", "step", "rmse"],
    ["a", "4", "0.25"],
    ["b", "4", "0.5"],
    ["median", "4", "0.375"],
  ]


def test_a_share_of_nothing_has_no_table_yet(family, tmp_path):
  family.parts = lambda config, share: []
  runner.train(config(), tmp_path, share=core.Share(0, 2))
  assert not (tmp_path / "table.txt").exists()
