"""Checkpoints of a finished run: what damage does, and what inference reads."""

import json
import shutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import errors
from jaxgan.engine import checkpoints
from jaxgan.engine.workdir import FolderRun
from tests.engine import toy

pytestmark = pytest.mark.usefixtures("one_device")


@pytest.fixture(scope="module")
def trained(tmp_path_factory, one_device):
  """A finished run with checkpoints of steps 2, 4 and 6."""
  workdir = tmp_path_factory.mktemp("trained")
  return toy.run(workdir, stages=toy.make(num_stages=1)), workdir


def damages():
  """name -> what happens to the folder of a checkpoint."""

  def truncate(pattern, keep=0.5):
    def damage(path):
      files = [x for x in path.glob(pattern) if x.is_file()]
      assert files
      for file in files:
        file.write_bytes(file.read_bytes()[: int(file.stat().st_size * keep)])

    return damage

  def clear(path):
    for child in path.iterdir():
      shutil.rmtree(child) if child.is_dir() else child.unlink()

  def older(name):  # Whole and valid, but not what was saved.
    def damage(path):
      shutil.rmtree(path / name)
      shutil.copytree(path.parent / "4" / name, path / name)

    return damage

  return {
    "weights": older("params.generator"),
    "optimizer": older("opt.generator"),
    "other position": older("position"),
    "data": truncate("params.generator/**/d/*"),
    "manifest": truncate("extra.ema/manifest.ocdbt"),
    "metadata": truncate("opt.generator/_METADATA"),
    "position": truncate("position/metadata"),
    "everything": truncate("**/*", 0.0),
    "no position": lambda path: shutil.rmtree(path / "position"),
    "no item": lambda path: shutil.rmtree(path / "opt.generator"),
    "an empty item": lambda path: clear(path / "params.discriminator"),
    "an empty folder": clear,
  }


@pytest.mark.parametrize("damage", damages())
def test_a_damaged_checkpoint_gives_way_to_the_one_before(
  trained, tmp_path, damage, logged
):
  state, workdir = trained
  shutil.copytree(workdir, tmp_path, dirs_exist_ok=True)
  damages()[damage](tmp_path / "checkpoints" / "6")
  (tmp_path / "6.damaged").mkdir()  # An earlier one.
  toy.assert_same(toy.run(tmp_path, stages=toy.make(num_stages=1)), state)
  told = [line for line in logged if "is damaged (" in line]
  assert len(told) == 1 and "\n" not in told[0]
  assert told[0].startswith("the checkpoint of step 6 is damaged (")
  assert told[0].endswith(
    f"using that of step 4; it is kept as {tmp_path / '6.damaged1'}"
  )
  assert "continuing at step 4 of 6" in logged
  assert (tmp_path / "6.damaged1").is_dir()
  steps = sorted(int(x.name) for x in (tmp_path / "checkpoints").iterdir())
  assert steps == [2, 4, 6]  # Saved again.
  ema = checkpoints.restore_item(tmp_path / "checkpoints", "extra.ema", 6)
  toy.assert_same(ema, state.extra["ema"])


def test_checkpoints_that_nobody_can_read_are_left_alone(trained, tmp_path):
  shutil.copytree(trained[1], tmp_path, dirs_exist_ok=True)
  directory = tmp_path / "checkpoints"
  stage = toy.make(num_stages=1)[0]

  def wider(key, previous):  # As a later version of a family might be.
    state = stage.init(key, previous)
    return state.replace(extra=state.extra | {"latents": jnp.zeros((5, 4))})

  with pytest.raises(errors.UserError, match=r"no checkpoint .* can be read \(step 6"):
    toy.run(tmp_path, stages=[stage._replace(init=wider)])
  for step in (2, 4, 6):
    damages()["position"](directory / str(step))
  with pytest.raises(errors.UserError, match=r"use another --workdir"):
    toy.run(tmp_path, stages=[stage])
  assert sorted(x.name for x in directory.iterdir()) == ["2", "4", "6"]


def test_inference_reads_one_item_and_names_what_is_missing(trained, tmp_path):
  state, workdir = trained
  directory = shutil.copytree(workdir / "checkpoints", tmp_path / "checkpoints")
  for item in directory.glob("6/*"):
    if item.is_dir() and item.name not in ("extra.ema", "params.generator"):
      shutil.rmtree(item)
  ema = checkpoints.restore_item(directory, "extra.ema")
  assert all(isinstance(x, np.ndarray) for x in jax.tree.leaves(ema))
  toy.assert_same(ema, state.extra["ema"])
  assert checkpoints.item_names(directory) >= {"extra.ema", "params.generator"}
  for arguments, message in (
    (("extra.emma",), r"checkpoint .*/6 holds no 'extra.emma'"),
    (("extra.ema", 5), r"no checkpoint of step 5 .* there are 2, 4, 6\."),
    (("extra.ema", "newest"), r"no checkpoint of step newest"),
  ):
    with pytest.raises(errors.UserError, match=message):
      checkpoints.restore_item(directory, *arguments)
  with pytest.raises(errors.UserError, match=r"no checkpoint in .*: train first"):
    checkpoints.restore_item(tmp_path / "none", "extra.ema")
  (directory / "6" / "extra.ema" / "_METADATA").write_text("{")
  with pytest.raises(errors.UserError, match=r"extra.ema is damaged .*another --step"):
    checkpoints.restore_item(directory, "extra.ema")


def test_what_is_not_what_was_saved_is_not_used(trained, tmp_path):
  directory = shutil.copytree(trained[1] / "checkpoints", tmp_path / "checkpoints")
  damages()["weights"](directory / "6")
  with pytest.raises(errors.UserError, match=r"generator is not what was saved\)"):
    checkpoints.restore_item(directory, "params.generator")
  position, saved = checkpoints.Position("first", 4), {"extra.ema": 3}
  held = checkpoints.position_to_json(position, saved)
  assert checkpoints.position_from_json(json.loads(json.dumps(held)))[1] == saved
  for name, other in {"stage": "firsu", "step": 5, "sums": {}, "check": 0}.items():
    with pytest.raises(ValueError, match="not what was saved"):
      checkpoints.position_from_json(held | {name: other})
  earlier = {"stage": "first", "step": 4}  # Without sums.
  assert checkpoints.position_from_json(earlier) == (position, {})


@pytest.mark.parametrize("step", ["latest", "best"])
def test_an_opened_run_is_of_one_checkpoint_while_training_goes_on(
  trained, tmp_path, step
):
  saved = trained[1] / "checkpoints"
  now = shutil.copytree(saved, tmp_path / "checkpoints")
  shutil.rmtree(now / "6")
  run = FolderRun(tmp_path, {}, {}, step)
  assert run.run_step() == 4
  shutil.copytree(saved / "6", now / "6")
  checkpoints.write_evaluation(now, 6, {}, score=0.0)
  assert run.run_step() == 4 and "extra.ema" in run.items()
  toy.assert_same(
    run.restore("extra.ema"), checkpoints.restore_item(now, "extra.ema", 4)
  )
  shutil.rmtree(now / "4")
  for read in (run.items, lambda: run.restore("extra.ema")):
    with pytest.raises(errors.UserError, match=r"no checkpoint of step 4 .* 2, 6\."):
      read()


def test_constants_are_not_saved(trained):
  names = checkpoints.item_names(trained[1] / "checkpoints")
  assert names == {
    "clock",
    "position",
    "params.generator",
    "params.discriminator",
    "opt.generator",
    "opt.discriminator",
    "extra.ema",
    "extra.latents",
    "extra.statistics",
  }
