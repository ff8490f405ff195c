"""The family by its verbs: the pass, tasks, evaluation, files, and mistakes."""

import importlib
import json

import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, evaluate, generate, runner
from jaxgan.engine import workdir
from jaxgan.experiments.patches import data, inference
from jaxgan.metrics import copies


def _config(**changes):
  config = importlib.import_module("configs.patches").get_config("tiny")
  config.update_from_flattened_dict(changes)
  return config


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
  """A run of a smooth image, whose patches have one place each at any scale."""
  place = tmp_path_factory.mktemp("patches")
  pixels = np.random.default_rng(0).integers(0, 256, (5, 6, 3), dtype=np.uint8)
  Image.fromarray(pixels).resize((24, 18)).save(place / "image.png")
  runner.train(_config(image=str(place / "image.png")), place / "run")
  return place / "run"


def _generate(workdir, task, output, **options):
  options = [f"--{name}={value}" for name, value in options.items()]
  generate.main(
    ["x", f"--workdir={workdir}", f"--task={task}", f"--output={output}", *options]
  )
  if not output.suffix:
    return np.stack([np.asarray(Image.open(x)) for x in sorted(output.iterdir())])
  return np.load(output) if output.suffix == ".npy" else np.asarray(Image.open(output))


def test_sizes_by_hand():
  sizes = lambda size, least: data.sizes(
    size, data.count_scales(min(size), least), least
  )
  assert sizes((188, 250), 24) == ((24, 32), (47, 63), (94, 125), (188, 250))
  assert sizes((96, 128), 24) == ((24, 32), (48, 64), (96, 128))
  assert sizes((188, 250), 15)[:2] == ((15, 20), (24, 32))
  assert sizes((20, 30), 24) == ((20, 30),)


def test_an_image_is_the_same_in_any_company_and_from_a_file(
  folder, exported, tmp_path
):
  both = _generate(folder, "sample", tmp_path / "both.npy", num=2, seed=4)
  assert both.shape == (2, 18, 24, 3)
  assert (both[0] != both[1]).any()
  one = _generate(folder, "sample", tmp_path / "one", num=1, seed=4)
  np.testing.assert_array_equal(one[0], both[0])
  file = exported(folder)
  assert file.stat().st_size < 20_000
  np.testing.assert_array_equal(
    _generate(file, "sample", tmp_path / "file.npy", num=1, seed=4), one
  )


def test_stages_that_are_kept_keep_the_image(folder, tmp_path):
  real = inference.restored(workdir.load(folder)).image
  real = np.round((real + 1) * 127.5).astype(np.uint8)
  sample = lambda stage: _generate(
    folder, "sample", tmp_path / f"{stage}.png", num=1, start_stage=stage
  )
  np.testing.assert_array_equal(sample(3), real)
  kept = copies.match(real, sample(2), size=5, stride=5).in_place()
  assert kept > 0.8
  free = copies.match(real, sample(0), size=5, stride=5).in_place()
  assert free < kept


@pytest.mark.parametrize(
  ("task", "options", "shape"),
  [
    ("retarget", dict(), (18, 48, 3)),
    ("retarget", dict(size="30x20", start_stage=1), (30, 20, 3)),
    ("tile", dict(size="15x17"), (15, 17, 3)),
    ("symmetric", dict(scale="1x0.9"), (18, 22, 3)),
  ],
)
def test_tasks(folder, tmp_path, caplog, task, options, shape):
  caplog.set_level("INFO")
  made = _generate(folder, task, tmp_path / "made.png", **options)
  assert made.shape == shape
  if task == "symmetric":
    np.testing.assert_array_equal(made, made[:, ::-1])
  assert "of 255 from the nearest one" in caplog.text
  assert ("across its borders" in caplog.text) == (task == "tile")


def test_retargeting_to_the_same_size_is_nearly_the_image(folder, tmp_path):
  made = _generate(folder, "retarget", tmp_path / "made.png", scale="1", start_stage=1)
  real = np.asarray(Image.open(folder.parent / "image.png"))
  assert copies.match(real, made, size=5, stride=5).in_place() >= 0.8


def test_evaluation(folder, capsys):
  evaluate.main(
    ["x", f"--workdir={folder}", "--num=4", "--patches=5", "--layers=relu1_1"]
  )
  found = json.loads(capsys.readouterr().out)
  assert found["size"] == "18x24"
  assert 0 <= found["in_place_5"] <= 1
  assert found["sifid_vgg16_relu1_1"] > 0
  assert found["cpu_seconds_a_sample"] > 0


def test_the_best_candidate_has_the_images_shares_and_is_no_copy():
  real = jax.random.uniform(jax.random.key(0), (12, 40, 3), minval=-1)
  moved = jnp.roll(real, 20, axis=1)
  copy = jnp.roll(real, 5, axis=1)  # Much of it is one piece.
  several = jnp.stack([real * 0, real, copy, moved, -abs(real)])
  np.testing.assert_array_equal(inference.best(real, several), moved)


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    ({"patch": 2}, "config.patch = 2"),
    ({"min_size": 4}, "config.min_size = 4 must be 5"),
    ({"tile.eta": 1.5}, "config.tile.eta = 1.5"),
    ({"fast.stride": 6}, "config.fast.stride = 6"),
    ({"fast.directions": 26}, "config.fast.directions = 26"),
    ({"max_size": 9}, "config.max_size = 9"),
    ({"image": "/nowhere.jpg"}, "/nowhere.jpg"),
    ({"patch": 11, "min_size": 11}, "less than two patches, 22"),
  ],
)
def test_mistakes_in_the_config(changes, named, tmp_path):
  if "tile.min_size" not in changes:
    changes = changes | {"tile.min_size": 20}
  with pytest.raises(errors.UserError, match=named):
    runner.train(_config(**changes), tmp_path)


@pytest.mark.parametrize(
  ("task", "options", "named"),
  [
    ("sample", dict(size="4x40"), "a size of 40x4 is smaller than a patch"),
    ("sample", dict(start_stage=9), "--start_stage=9"),
    ("tile", dict(size="40", scale="2"), "give one of them"),
  ],
)
def test_mistakes_in_options(folder, tmp_path, task, options, named):
  with pytest.raises(errors.UserError, match=named):
    _generate(folder, task, tmp_path / "x.png", **options)


def test_settings_of_samples_may_change_later(folder):
  config = _config(image=str(folder.parent / "image.png"), **{"tile.eta": 0.5})
  runner.train(config, folder)
  assert inference.restored(workdir.load(folder), "tile").sampler.eta == 0.5
