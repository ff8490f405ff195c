"""Whole runs: resumed, of many images at once, fine-tuned; and users' mistakes."""

import importlib
import json
import shutil

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import engine, errors, runner
from jaxgan.experiments.single_image import inference, stage


def _config(name="consingan", **changes):
  """Three stages up to 16x20 of tiny networks."""
  config = importlib.import_module(f"configs.{name}").get_config("tiny")
  config.update(features=2, num_steps=2, image="shipped:coffee", max_size=20)
  if "num_stages" in config:
    config.num_stages = 2
  else:
    config.factor = 0.75
  config.every.update(image=0, checkpoint=1)
  config.update(changes)
  return config


def _leaves(workdir, step="latest"):
  """Everything that a checkpoint holds, by name."""
  run = engine.workdir.load(workdir, step)
  return {
    name + jax.tree_util.keystr(path): leaf
    for name in sorted(run.items())
    if name.split(".")[0] in ("params", "opt", "extra")
    for path, leaf in jax.tree_util.tree_leaves_with_path(run.restore(name))
  }


def _pictures(folder, count, size=(16, 20)):
  folder.mkdir()
  random = np.random.default_rng(0)
  for i in range(count):
    pixels = random.integers(0, 256, (*size, 3), np.uint8)
    Image.fromarray(pixels).save(folder / f"{i}.png")
  return folder


def _assert_alike(got, want, other):
  """The run `got` is `want` up to what rounding does, and not `other`.

  Adam makes full steps of gradients that are nothing but rounding, as those of a bias
  before a norm: single weights may differ.
  """
  got, want, other = [_leaves(workdir) for workdir in (got, want, other)]
  assert got.keys() == want.keys()
  distance = lambda a, b: np.sqrt(
    sum(np.sum((a[name] - b[name]) ** 2) for name in a if name.startswith("params."))
  )
  assert distance(got, want) < 0.3 * distance(other, want)
  for name in want:
    if name.startswith(("extra.noise", "extra.real", "extra.amplitudes")):
      np.testing.assert_allclose(got[name], want[name], atol=2e-3, err_msg=name)


def _assert_error_is_told(workdir, steps):
  """The run logged the reconstruction's error at these steps only, at last the true."""
  lines = map(json.loads, (workdir / "metrics.jsonl").read_text().splitlines())
  told = {
    line["step"]: line["rmse_reconstruction"]
    for line in lines
    if "rmse_reconstruction" in line
  }
  assert list(told) == steps
  source = inference.restored(engine.workdir.load(workdir, "latest"))
  error = source.generate(source.fixed_at()) - source.reals[-1]
  assert told[steps[-1]] == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-4)


def _image(workdir):
  """One sample, always of the same noise."""
  source = inference.restored(engine.workdir.load(workdir))
  return source.generate(source.draw(jax.random.key(0), 1))


def test_a_run_killed_in_its_third_stage_continues_bit_exactly(tmp_path):
  config = _config(num_stages=3, keep=9, train_depth=2)
  runner.train(config, tmp_path / "whole")
  (tmp_path / "killed").mkdir()
  for name in ("config.json", "facts.json"):
    shutil.copy(tmp_path / "whole" / name, tmp_path / "killed")
  shutil.copytree(
    tmp_path / "whole" / "checkpoints" / "5", tmp_path / "killed" / "checkpoints" / "5"
  )
  runner.train(config, tmp_path / "killed")
  want, got = _leaves(tmp_path / "whole"), _leaves(tmp_path / "killed")
  assert want.keys() == got.keys()
  for name, leaf in want.items():
    np.testing.assert_array_equal(got[name], leaf, err_msg=name)
  middle = _leaves(tmp_path / "whole", "5")
  assert any((middle[name] != leaf).any() for name, leaf in want.items())
  for name, leaf in want.items():
    if name.startswith("params.frozen"):
      np.testing.assert_array_equal(middle[name], leaf)
  _assert_error_is_told(tmp_path / "whole", steps=[6])


@pytest.mark.parametrize("network", ["consingan", "singan"])
def test_many_images_at_once_are_each_as_if_alone(network, tmp_path):
  images = _pictures(tmp_path / "images", 2)
  Image.fromarray(np.zeros((16, 24, 3), np.uint8)).save(images / "wide.png")
  config = _config(network, image=str(images))
  assert len(stage.parts(config)) == 2  # One for each shape.
  (images / "wide.png").unlink()
  runner.train(config, tmp_path / "many")
  runner.train(_config(network, image=str(images / "1.png")), tmp_path / "alone")
  _assert_alike(tmp_path / "many" / "1", tmp_path / "alone", tmp_path / "many" / "0")
  with pytest.raises(errors.UserError, match="holds 2 runs"):
    engine.workdir.load(tmp_path / "many")
  image = _image(tmp_path / "many" / "1")
  assert image.shape == (1, 16, 20, 3)
  np.testing.assert_allclose(image, _image(tmp_path / "alone"), atol=5e-3)
  runner.train(config, tmp_path / "many")  # Already done: says so, changes nothing.


def test_eight_seeds_are_divided_over_the_devices(tmp_path):
  config = _config(num_seeds=8, num_stages=1)
  (part,) = stage.parts(config)
  assert part.stages[0].layout.params == jax.sharding.PartitionSpec("data")
  runner.train(config, tmp_path)
  runner.train(_config(seed=5, num_stages=1), tmp_path / "alone")
  _assert_alike(tmp_path / "seed_5", tmp_path / "alone", tmp_path / "seed_4")


def test_fine_tuning_goes_on_with_the_last_stage(tmp_path):
  name = "consingan_harmonization"
  runner.train(_config(name), tmp_path / "base")
  naive = np.full((40, 50, 3), 200, np.uint8)
  Image.fromarray(naive).save(tmp_path / "naive.png")
  config = _config("consingan", num_stages=5)  # The finished run's fields win.
  config.finetune.update(
    workdir=str(tmp_path / "base"), naive=str(tmp_path / "naive.png")
  )
  runner.train(config, tmp_path / "tuned")
  before, after = (
    inference.restored(engine.workdir.load(tmp_path / folder))
    for folder in ("base", "tuned")
  )
  assert after.config.mode == "harmonization" and after.sizes == before.sizes
  np.testing.assert_array_equal(after.amplitudes, before.amplitudes)
  moved = jax.tree.map(
    lambda a, b: bool((a != b).any()), before.variables, after.variables
  )
  assert all(jax.tree.leaves(moved))
  extra = engine.workdir.load(tmp_path / "tuned").restore("extra.naive")
  np.testing.assert_allclose(extra, 200 / 127.5 - 1, atol=1e-5)


@pytest.mark.parametrize(
  ("network", "advice"),
  [
    ("consingan", "set config.batch_norm=True"),
    ("singan", "lower config.learning_rate"),
  ],
)
def test_a_generator_without_gradient_is_told_with_what_to_do(network, advice):
  last = stage.stages(_config(network))[-1]
  assert last.warn({"gradient_generator": 0.2}) == ""
  assert advice in last.warn({"gradient_generator": 2e-4})


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_gray_and_transparent_images(mode, tmp_path):
  shape = (16, 20, 4) if mode == "RGBA" else (16, 20)
  pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
  Image.fromarray(pixels).save(tmp_path / "x.png")
  config = _config(image=str(tmp_path / "x.png"), num_stages=1)
  (only,) = stage.stages(config)
  state = jax.eval_shape(only.init, jax.random.key(0), None)
  assert jax.eval_shape(only.render, state, {})["fake"].shape[-1] == len(mode)


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    (dict(image="nothing.png"), "nothing.png: no such file"),
    (dict(min_size=30, max_size=20), "config.min_size = 30"),
    (dict(num_stages=0), "config.num_stages = 0"),
    (dict(mode="retargt"), "did you mean 'retarget'"),
    (dict(activation="relu"), "did you mean 'prelu'|did you mean 'elu'"),
    (dict(network="singam"), "did you mean 'singan'"),
    (dict(spacing="linear"), "config.spacing = 'linear'"),
    (dict(train_depth=0), "config.train_depth = 0"),
    (dict(num_seeds=0), "config.num_seeds = 0"),
    (dict(finetune=dict(workdir="", naive="x.png")), "config.finetune.workdir"),
    (dict(finetune=dict(workdir="x", naive="")), "config.finetune.naive"),
    (dict(finetune=dict(workdir="x", naive="y.png")), "no run in x"),
  ],
  ids=lambda value: value if isinstance(value, str) else "",
)
def test_mistakes_are_named(changes, named, tmp_path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  config = _config(**changes)
  with pytest.raises(errors.UserError, match=named):
    for one in stage.stages(runner.prepared(config)):
      jax.eval_shape(one.init, jax.random.key(0), None)


def test_a_folder_with_images_that_cannot_be_used(tmp_path):
  config = _config(image=str(tmp_path / "images"))
  (tmp_path / "images").mkdir()
  with pytest.raises(errors.UserError, match="holds no images"):
    stage.stages(config)
  (tmp_path / "images" / "broken.png").write_text("no image")
  with pytest.raises(errors.UserError, match="none of its 1 images"):
    stage.stages(config)
  Image.fromarray(np.zeros((16, 20, 3), np.uint8)).save(tmp_path / "images" / "a.png")
  assert len(stage.stages(config)) == 2
