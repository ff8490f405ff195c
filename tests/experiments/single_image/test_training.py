"""Whole runs: resumed, of many images at once, fine-tuned; and users' mistakes."""

import importlib
import json
import shutil
import types

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, runner
from jaxgan.engine import workdir as workdirs
from jaxgan.experiments.single_image import data, inference, stage
from jaxgan.images import reader

pytestmark = pytest.mark.usefixtures("one_device")  # Eight are slower on one.


def _config(name="consingan", **changes):
  """Two stages of tiny networks, up to 20 pixels wide."""
  config = importlib.import_module(f"configs.{name}").get_config("tiny")
  config.update(features=2, num_steps=2, image="shipped:coffee", max_size=20)
  config.every.update(image=0, checkpoint=1)
  config.update(changes)
  return config


def _leaves(workdir, step="latest"):
  """Everything that a checkpoint holds, by name."""
  run = workdirs.load(workdir, step)
  return {
    name + jax.tree_util.keystr(path): leaf
    for name in sorted(run.items())
    if name.split(".")[0] in ("params", "opt", "extra")
    for path, leaf in jax.tree_util.tree_leaves_with_path(run.restore(name))
  }


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
    if name.startswith(("extra.noise", "extra.amplitudes")):
      np.testing.assert_allclose(got[name], want[name], atol=2e-3, err_msg=name)


def _sample(workdir):
  """One image, always of the same noise."""
  source = inference.restored(workdirs.load(workdir))
  return source.generate(source.draw(jax.random.key(0), 1))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
  """A run of two stages, the first of which is frozen in the second."""
  workdir = tmp_path_factory.mktemp("finished")
  config = _config("consingan_retarget", keep=9, train_depth=1)
  runner.train(config, workdir)
  return config, workdir


def test_a_run_killed_in_its_last_stage_continues_bit_exactly(finished, tmp_path):
  config, whole = finished
  for name in ("config.json", "facts.json"):
    shutil.copy(whole / name, tmp_path)
  shutil.copytree(whole / "checkpoints" / "3", tmp_path / "checkpoints" / "3")
  runner.train(config, tmp_path)
  want, got, middle = _leaves(whole), _leaves(tmp_path), _leaves(whole, "3")
  assert want.keys() == got.keys()
  for name, leaf in want.items():
    np.testing.assert_array_equal(got[name], leaf, err_msg=name)
    if name.startswith("params.frozen"):
      np.testing.assert_array_equal(middle[name], leaf)
  assert any((middle[name] != leaf).any() for name, leaf in want.items())


def test_the_reconstructions_error_is_logged_in_the_last_stage(finished):
  _, workdir = finished
  lines = map(json.loads, (workdir / "metrics.jsonl").read_text().splitlines())
  logged = {
    line["step"]: line["rmse_reconstruction"]
    for line in lines
    if "rmse_reconstruction" in line
  }
  assert list(logged) == [4]
  source = inference.restored(workdirs.load(workdir, "latest"))
  error = source.generate(source.fixed_at()) - source.reals[-1]
  assert logged[4] == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-4)


def test_the_image_lies_beside_the_checkpoints_not_in_them(finished, tmp_path):
  config, workdir = finished
  run = workdirs.load(workdir)
  assert "extra.real" not in run.items()
  (image,) = data.load(config)
  for got, want in zip(data.stored_reals(run, 2), image.reals, strict=True):
    np.testing.assert_array_equal(got, want)
  # Earlier versions had it in the checkpoints alone.
  old = {"extra.real": {"0": image.reals[0], "1": image.reals[1]}}
  run = types.SimpleNamespace(facts={"0_9x9": {"size": [9, 9]}}, restore=old.get)
  np.testing.assert_array_equal(data.stored_reals(run, 1)[0], image.reals[0])


@pytest.mark.slow
def test_images_of_a_folder_are_each_as_if_alone(finished, tmp_path):
  config, alone = finished
  images, several = tmp_path / "images", tmp_path / "several"
  images.mkdir()
  coffee = reader.load(config.image)
  for name, pixels in (
    ("coffee", coffee),
    ("other", coffee[::-1, :, ::-1]),
    ("narrow", coffee[:, :500]),
  ):
    Image.fromarray(pixels).save(images / f"{name}.png")
  config = _config("consingan_retarget", keep=9, train_depth=1, image=str(images))
  assert len(stage.parts(config)) == 2  # One for each shape.
  (images / "narrow.png").unlink()
  runner.train(config, several)
  _assert_alike(several / "coffee", alone, several / "other")
  with pytest.raises(errors.UserError, match="holds 2 runs"):
    workdirs.load(several)
  image = _sample(several / "coffee")
  assert image.shape == (1, 13, 20, 3)
  np.testing.assert_allclose(image, _sample(alone), atol=5e-3)
  runner.train(config, several)  # Already done: says so, changes nothing.


def test_fine_tuning_goes_on_with_the_last_stage(finished, tmp_path):
  _, base = finished
  pixels = np.full((40, 50, 3), 200, np.uint8)
  Image.fromarray(pixels).save(tmp_path / "input.png")
  config = _config(num_stages=5)  # The finished run's fields win.
  config.init.update(workdir=str(base), input=str(tmp_path / "input.png"))
  (part,) = stage.parts(runner.prepared(config))
  np.testing.assert_allclose(
    part.stages[0].constants["first_image"], 200 / 127.5 - 1, atol=1e-5
  )
  runner.train(config, tmp_path / "tuned")
  before, after = (
    inference.restored(workdirs.load(folder, "latest"))
    for folder in (base, tmp_path / "tuned")
  )
  assert after.mode == "retarget" and after.sizes == before.sizes
  np.testing.assert_array_equal(after.amplitudes, before.amplitudes)
  np.testing.assert_array_equal(after.reals[0], before.reals[0])
  moved = jax.tree.map(
    lambda a, b: bool((a != b).any()), before.variables, after.variables
  )
  for name, tree in moved.items():
    assert set(jax.tree.leaves(tree)) == {name in ("body_1", "tail")}


def test_fine_tuning_starts_from_a_file_as_from_its_run(finished, exported, tmp_path):
  _, folder = finished
  Image.fromarray(np.full((40, 50, 3), 200, np.uint8)).save(tmp_path / "input.png")
  states = []
  model = exported(folder, "--dtype=float32")
  # The noise of later stages is not in the file.
  assert set(workdirs.load(model).restore("extra.noise")) == {"0"}
  for base in (folder, model):
    config = _config()
    config.init.update(workdir=str(base), input=str(tmp_path / "input.png"))
    (part,) = stage.parts(runner.prepared(config))
    states.append(part.stages[0].init(jax.random.key(0), None))
  jax.tree.map(
    lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5),
    *(dict(x.params, **x.extra) for x in states),
  )
  saved = workdirs.load(folder).restore("extra.prefix")
  np.testing.assert_allclose(states[0].extra["prefix"], saved, atol=1e-5)


def test_noise_that_does_not_follow_from_the_seed_is_kept(finished, exported, tmp_path):
  shutil.copytree(finished[1], tmp_path / "other")
  path = tmp_path / "other" / "config.json"
  path.write_text(json.dumps(json.loads(path.read_text()) | {"seed": 9}))
  images = []
  for folder in (finished[1], tmp_path / "other"):
    source = inference.restored(workdirs.load(exported(folder)))
    images.append(source.generate(source.fixed_at()))
  assert set(workdirs.load(exported(folder)).restore("extra.noise")) == {"0", "1"}
  np.testing.assert_allclose(*images, atol=2e-3)


def test_runs_of_an_earlier_version_are_refused(finished, tmp_path):
  shutil.copytree(finished[1], tmp_path / "old")
  path = tmp_path / "old" / "config.json"
  fields = json.loads(path.read_text())
  fields["moves"] = fields.pop("updates_per_step")
  path.write_text(json.dumps(fields))
  with pytest.raises(errors.UserError, match="moves is now updates_per_step"):
    runner.open_run(tmp_path / "old")
  config = _config()
  config.init.update(workdir=str(tmp_path / "old"), input="x.png")
  with pytest.raises(errors.UserError, match="by an earlier version"):
    runner.prepared(config)


@pytest.mark.parametrize(
  ("network", "advice"),
  [
    ("consingan", "set config.batch_norm=True"),
    ("singan", "lower config.optimizer.learning_rate"),
  ],
)
def test_a_generator_without_gradient_is_told_with_what_to_do(network, advice):
  remarks = stage.stages(_config(network))[-1].remarks
  learning, stuck = {"gradient_generator": 0.2}, {"gradient_generator": 2e-4}
  assert not list(remarks({}, stuck))
  assert not list(remarks(stuck, learning))
  (line,) = remarks(stuck, stuck)
  assert advice in line


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_gray_and_transparent_images(mode, tmp_path):
  shape = (16, 20, 4) if mode == "RGBA" else (16, 20)
  pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
  Image.fromarray(pixels).save(tmp_path / "x.png")
  config = _config(image=str(tmp_path / "x.png"), num_stages=1)
  (only,) = stage.stages(config)
  state = jax.eval_shape(only.init, jax.random.key(0), None)
  shown = jax.eval_shape(only.render, state, only.constants)
  assert shown["fake"].shape[-1] == len(mode)


def test_a_folder_with_images_that_cannot_be_used(tmp_path, monkeypatch):
  monkeypatch.setenv("HOME", str(tmp_path))
  config = _config(image="~/images")
  (tmp_path / "images").mkdir()
  with pytest.raises(errors.UserError, match="holds no images"):
    stage.stages(config)
  (tmp_path / "images" / "broken.png").write_text("no image")
  with pytest.raises(errors.UserError, match="none of its 1 images"):
    stage.stages(config)
  Image.fromarray(np.zeros((16, 20, 3), np.uint8)).save(tmp_path / "images" / "a.png")
  assert len(stage.stages(config)) == 2
