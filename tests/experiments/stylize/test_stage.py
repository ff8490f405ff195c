"""Stylization: its step, styles added to a network, tiles, evaluation."""

import importlib
import json

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, evaluate, runner
from jaxgan.engine import workdir
from jaxgan.experiments.shared import criterion, style_weights
from jaxgan.experiments.stylize import inference, networks, objective, passes, setup
from jaxgan.nets import stylizer

pytestmark = pytest.mark.usefixtures("one_device")  # Batches of any size.


def _picture(kind, size=24):
  rows, columns = np.mgrid[:size, :size]
  shape = {
    "stripes": rows % 6 < 3,
    "dots": (rows % 8 < 4) & (columns % 8 < 4),
    "ramp": rows * 2 > size,
    "noise": rows * 7 % 5 > columns * 3 % 4,
  }[kind]
  color = {
    "stripes": (220, 40, 30),
    "dots": (20, 60, 200),
    "ramp": (90, 200, 80),
    "noise": (240, 220, 60),
  }[kind]
  return np.where(shape[..., None], color, 255 - np.array(color)).astype(np.uint8)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
  """Folders of photographs, of two styles, and of one more."""
  root = tmp_path_factory.mktemp("data")
  random = np.random.default_rng(0)
  files = {
    "styles/stripes": _picture("stripes"),
    "styles/dots": _picture("dots"),
    "more/ramp": _picture("ramp"),
  }
  for i in range(4):
    small = random.integers(0, 256, (4, 4, 3)).astype(np.uint8)
    files[f"content/{i}"] = np.asarray(Image.fromarray(small).resize((20, 16)))
  for name, pixels in files.items():
    (root / name).parent.mkdir(exist_ok=True)
    Image.fromarray(pixels).save(root / f"{name}.png")
  return root


def _config(data, **changes):
  """A network that compiles in a moment, and VGG16 up to relu1_2."""
  config = importlib.import_module("configs.stylize").get_config("tiny")
  config.data.update(
    content=str(data / "content"), styles=str(data / "styles"), size=16, style_size=16
  )
  config.network.width = 2
  config.loss.content, config.loss.style = {"relu1_1": 1.0}, {"relu1_2": 4.0}
  config.every.update(image=0, evaluate=0)
  config.update_from_flattened_dict(changes)
  return config


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
  """60 steps: enough for two styles to differ."""
  folder = tmp_path_factory.mktemp("run")
  changes = {"every.log": 20, "every.checkpoint": 0, "every.evaluate": 60}
  runner.train(_config(data, num_steps=60, **changes), folder)
  return workdir.load(folder)


def test_learning_and_what_is_logged(run):
  lines = [
    json.loads(line)
    for line in (run.workdir / "metrics.jsonl").read_text().splitlines()
    if '"loss"' in line  # The evaluation's results are a line of their own.
  ]
  assert lines[-1]["loss"] < 0.8 * lines[0]["loss"]
  for line in lines:
    terms = line["content_relu1_1"] + line["style_relu1_2"]
    np.testing.assert_allclose(terms, line["loss"], rtol=1e-4)
    assert {"style_relu1_2_of_dots", "content_relu1_1_of_stripes"} <= set(line)
  # VGG16's weights are nowhere in what was saved.
  saved = sum(
    path.stat().st_size
    for path in (run.workdir / "checkpoints").rglob("*")
    if path.is_file()
  )
  assert saved < 1_000_000
  assert run.items() >= {"params.stylizer", "opt.stylizer", "extra.losses"}


def test_resuming_is_exact(data, tmp_path):
  whole, parts = tmp_path / "whole", tmp_path / "parts"
  runner.train(_config(data), whole)
  runner.train(_config(data, num_steps=2), parts)
  runner.train(_config(data), parts)
  for item in ("params.stylizer", "opt.stylizer", "extra.losses"):
    jax.tree.map(
      np.testing.assert_array_equal,
      workdir.load(whole).restore(item),
      workdir.load(parts).restore(item),
    )


def test_interpolation_moves_the_style_loss_monotonically(run):
  parts = setup.parts(run.config)
  trained = networks.restore(run)
  photos = np.asarray(parts.photos.images[:2]) / np.float32(255)
  goal, vgg = parts.goal.criterion, parts.constants["vgg"]

  @jax.jit
  def losses(share):
    style = np.array([[1, 0]]) * (1 - share) + np.array([[0, 1]]) * share
    made = trained.net.apply(
      {"params": trained.params}, photos, style.repeat(2, 0).astype("float32")
    )
    found = [
      goal.losses(
        vgg,
        made,
        goal.targets(vgg, photos),
        {layer: x[row][None] for layer, x in parts.constants["grams"].items()},
      )
      for row in (0, 1)
    ]
    return [x["style_relu1_2"].mean() for x in found]

  first, second = np.transpose([losses(share) for share in np.linspace(0, 1, 5)])
  assert (np.diff(first) > 0).all()
  assert (np.diff(second) < 0).all()


def test_each_image_of_a_batch_has_the_loss_of_its_own_style(data):
  goal, constants, photos, _ = setup.parts(_config(data))
  images, constants = (
    np.asarray(photos.images) / np.float32(255),
    jax.device_put(constants),
  )
  params = {
    "stylizer": jax.jit(goal.net.init)(jax.random.key(0), images, np.zeros(4, int))[
      "params"
    ]
  }
  losses = jax.jit(
    lambda images, labels: goal.losses(params, images, labels, constants)
  )
  mixed = losses(images, np.array([0, 1, 1, 0]))
  for i, label in enumerate((0, 1, 1, 0)):
    alone = losses(images[i : i + 1], np.array([label]))
    for term, value in alone.items():
      np.testing.assert_allclose(mixed[term][i], value[0], rtol=1e-4)


def test_labels_take_all_styles_in_turn():
  goal = objective.Objective(None, criterion.Criterion({}, {}), tuple("abcde"), first=2)
  starts = set()
  for seed in range(20):
    labels = np.asarray(goal.labels(jax.random.key(seed), 6))
    assert set(labels[:3]) == {2, 3, 4}
    np.testing.assert_array_equal(labels[:3], labels[3:])
    starts.add(labels[0])
  assert starts == {2, 3, 4}


def test_running_means_hold_only_the_styles_seen():
  running = {"count": np.zeros(3), "totals": {"a": np.zeros(3)}}
  running = objective.remember(
    running, {"a": np.array([2.0, 4.0, 7.0])}, np.array([0, 0, 2])
  )
  mean = running["totals"]["a"] / np.maximum(running["count"], 1e-6)
  np.testing.assert_allclose(mean, [3, 0, 7])
  after = objective.remember(running, {"a": np.array([1.0])}, np.array([0]))
  np.testing.assert_allclose(after["totals"]["a"][2] / after["count"][2], 7)
  np.testing.assert_allclose(after["totals"]["a"][0], 0.95 * 6 + 1)


def test_balance_and_coefficients():
  grams = {"l": np.stack([np.full((2, 2), 1.0), np.full((2, 2), 3.0)])}
  factors = objective.scales(grams, ("a", "b"), balance=True, coefficients="b:2")
  np.testing.assert_allclose(factors["l"], [5, 2 * 5 / 9])  # Powers 1 and 9, mean 5.
  np.testing.assert_array_equal(
    objective.scales(grams, ("a", "b"), balance=False, coefficients="")["l"], [1, 1]
  )


def test_styles_are_added_without_touching_the_old(run, data, tmp_path):
  config = _config(data, num_steps=3)
  config.extend.workdir, config.data.styles = str(run.workdir), str(data / "more")
  runner.train(config, tmp_path)
  longer = workdir.load(tmp_path)
  old, new = networks.restore(run), networks.restore(longer)
  assert new.names == ("dots", "stripes", "ramp")
  rows = longer.restore("params.rows")
  norms = [
    x.size // 2
    for name, x in (
      (name, tables["scale"])
      for name, tables in old.params.items()
      if name.endswith("_norm")
    )
  ]
  assert sum(x.size for x in jax.tree.leaves(rows)) == 2 * sum(norms)
  images = np.random.default_rng(0).uniform(size=(2, 8, 8, 3)).astype(np.float32)
  before = jax.jit(old.net.apply)({"params": old.params}, images, np.array([0, 1]))
  after = jax.jit(new.net.apply)({"params": new.params}, images, np.array([0, 1]))
  np.testing.assert_array_equal(before, after)
  for name, tables in rows.items():  # Each new row left the mean of the old.
    for table, row in tables.items():
      assert (row != old.params[name][table].mean(0)).any(), (name, table)


def test_extending_by_mistake(run, data):
  config = _config(data, **{"extend.workdir": str(run.workdir)})
  with pytest.raises(errors.UserError, match="knows dots, stripes already"):
    setup.parts(config)
  config.data.styles, config.network.width = str(data / "more"), 4
  with pytest.raises(errors.UserError, match="'width': 2"):
    setup.parts(config)


@pytest.mark.parametrize("shape", [(72, 88), (40, 104)])
def test_tiles_are_parts_of_the_whole(shape, tmp_path):
  random = np.random.default_rng(0)
  net = stylizer.Stylizer(2, width=2)
  image = random.integers(0, 256, (*shape, 3)).astype(np.uint8)
  image[:20, :20] = 0  # Statistics of tiles would differ.
  params = jax.jit(net.init)(
    jax.random.key(1), image[None] / np.float32(255), np.zeros(1, int)
  )["params"]
  maps = random.uniform(size=(1, *shape, 2)).astype(np.float32)
  want = jax.jit(net.apply)({"params": params}, image[None] / np.float32(255), maps)
  covered = np.zeros(shape, int)

  def style_of(tile):
    top, bottom, left, right = (4 * side for side in tile.window)
    return maps[:, top:bottom, left:right]

  run = passes.Passes(net, params, image, style_of, tmp_path, core=8)
  for (top, bottom, left, right), part in run.parts():
    covered[top:bottom, left:right] += 1
    np.testing.assert_allclose(part, want[0, top:bottom, left:right], atol=1e-4)
  assert (covered == 1).all()


def test_large_photographs_go_by_tiles_and_come_out_the_same(run, tmp_path):
  image = np.random.default_rng(3).integers(0, 256, (41, 50, 3)).astype(np.uint8)
  trained = networks.restore(run)
  whole = inference.Painter(trained, tmp_path)
  by_tiles = inference.Painter(trained, tmp_path, whole=100)
  one = np.array([0.5, 0.5], np.float32)
  difference = whole(image, one).astype(int) - by_tiles(image, one)
  assert abs(difference).max() <= 1  # Rounding.
  levels = np.arange(41 * 50).reshape(41, 50).astype(np.uint8)
  place = lambda x: style_weights.weights_of_levels(x, [0, 1], 2)
  difference = whole(image, levels, place).astype(int) - by_tiles(image, levels, place)
  assert abs(difference).max() <= 1
  assert not list(tmp_path.iterdir())  # The scratch files are gone.


def test_evaluation_gives_the_losses_of_each_style(run, capsys):
  evaluate.main(["evaluate", f"--workdir={run.workdir}", "--num=3", "--batch_size=2"])
  line = json.loads(capsys.readouterr().out)
  np.testing.assert_allclose(
    line["style"], (line["style_of_dots"] + line["style_of_stripes"]) / 2, rtol=1e-5
  )
  assert line["step"] == 60
  logged = (run.workdir / "metrics.jsonl").read_text().splitlines()[-1]
  assert {"style_of_dots", "content_of_stripes", "total"} <= set(json.loads(logged))
  assert line["content_of_dots"] > 0


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    ({"data.size": 18}, "multiple of 4"),
    ({"data.styles": "/nowhere"}, "/nowhere: no such"),
    ({"loss.style": {"relu1_9": 1.0}}, "relu1_9: VGG16 has no such layer"),
    ({"loss.style": {"relu1_2": 0.0}}, "at least one layer"),
    ({"network.upsample": "linear"}, "did you mean 'bilinear'"),
    ({"loss.coefficients": "dost:2"}, "did you mean 'dots'"),
  ],
)
def test_mistakes_in_configs_are_named(data, changes, named):
  config = _config(data)
  for key, value in changes.items():
    group, name = key.split(".")
    config[group][name] = value
  with pytest.raises(errors.UserError, match=named):
    setup.parts(config)


@pytest.mark.parametrize(
  ("text", "want"),
  [
    ("", [1, 0, 0]),
    ("b", [0, 1, 0]),
    ("a:1,c:3", [0.25, 0, 0.75]),
    ("a:2,b:-1", [2, -1, 0]),
  ],
)
def test_mixtures(text, want):
  np.testing.assert_allclose(style_weights.weights(text, ("a", "b", "c")), want)


def test_mixtures_that_cannot_be():
  assert style_weights.weights("a:0.5", ("a", "b"), normalize=False).tolist() == [
    0.5,
    0,
  ]
  assert style_weights.parse("x:y:2", ("x:y", "z")) == {"x:y": 2.0}
  for text, named in (
    ("a:0", "sum to 0"),
    ("a:1,b:-1", "sum to 0"),
    ("a:x", "write a number"),
    ("a:nan", "cannot be"),
  ):
    with pytest.raises(errors.UserError, match=named):
      style_weights.weights(text, ("a", "b"))
  with pytest.raises(errors.UserError, match="did you mean 'shipwreck'"):
    style_weights.weights("wave:0.6,shipwrek:0.4", ("wave", "shipwreck"))


def test_levels_of_a_mask():
  levels = np.array([[0, 255], [51, 204]], np.uint8)
  got = style_weights.weights_of_levels(levels, [2, 0, 1], 3)
  want = [[[0, 0, 1], [0, 1, 0]], [[0.4, 0, 0.6], [0.4, 0.6, 0]]]
  np.testing.assert_allclose(got, want, atol=1e-6)
