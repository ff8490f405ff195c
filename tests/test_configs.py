"""Every config builds with its number of parameters, and its tiny variant trains."""

import importlib
import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image
import pytest

from jaxgan import runner
from jaxgan.engine import workdir as workdirs

pytestmark = pytest.mark.usefixtures("one_device")
ROOT = pathlib.Path(__file__).parent.parent
NAMES = sorted(path.stem for path in (ROOT / "configs").glob("*.py"))


def _gan(generator, discriminator, **others):
  return {"generator": generator, "discriminator": discriminator} | others


# Six stages of ConSinGAN at the end: 3,523 + 6 * 110,784, half of the stages frozen.
CONSINGAN = _gan(3 * 110_784 + 1_731, 113_153, frozen=3 * 110_784 + 1_792)


COUNTS = {  # Parameters of each player in the last stage.
  "consingan": CONSINGAN,
  "consingan_animation": CONSINGAN,
  # With norms: 128 for each of three convolutions of a stage, and for the first one.
  "consingan_editing": _gan(3 * 111_168 + 1_731, 113_153, frozen=3 * 111_168 + 1_920),
  "consingan_harmonization": _gan(3_523 + 3 * 111_168 + 128, 113_153, frozen=0),
  "consingan_retarget": CONSINGAN,
  # Generators of 11,378,179 and discriminators of 2,764,737, both twice; or once, and
  # CUT's heads.
  "cut": _gan(11_378_179 + 560_384, 2_764_737),
  "cyclegan": {"networks": 2 * (11_378_179 + 2_764_737)},
  "dcgan_anime": _gan(3_578_432, 2_767_296),
  # The tables of 12 hair and 11 eye colors: 2 (512 + 256 + 128 + 64) and 512 a row.
  "dcgan_anime_conditional": _gan(3_578_432 + 23 * 1_920, 2_767_296 + 23 * 512),
  "dcgan_anime_exp1": _gan(3_578_432, 2_767_296),
  "dcgan_anime_exp2": _gan(3_578_432, 2_767_296),
  "dcgan_anime_exp3": _gan(3_578_432, 2_767_296),
  "dcgan_anime_exp4": _gan(3_578_432, 2_767_296),
  "dcgan_cifar_horses": _gan(3_225_091, 1_488_641),
  "dcgan_mnist": _gan(3_222_785, 1_486_337),
  "fastcut": _gan(11_378_179 + 560_384, 2_764_737),
  "gan_anime": _gan(1_280_448, 699_776),
  "gatys": {"picture": 32 * 32 * 3},  # Its pixels.
  "johnson": {"stylizer": 1_674_432 + 3_206},
  "patches": {},  # Its image is all.
  "mlp_mnist": _gan(114_064, 100_609),
  "siamese": _gan(1_452_227, 8_000_064),
  # Kernels of 3x3 instead of 4x4, after enlarging: 7 (128 256 + 64 256 + 3 128) less.
  "siamese_monet": _gan(1_105_475, 8_000_064),
  # Nine and twelve scales of the default image, four of each width.
  "singan": _gan(450_819, 448_513, frozen=4 * 29_763 + 4 * 114_819),
  "singan_sr": _gan(450_819, 448_513, frozen=4 * 29_763 + 4 * 114_819 + 3 * 450_819),
  # Of the four textures that are shipped.
  "stylize": {"stylizer": 1_674_432 + 4 * 3_206},
  # Without the tables, which are predicted: by 354,306 weights.
  "stylize_any": {"stylizer": 422_496 + 354_306},
  "stylize_magenta": {"stylizer": 1_674_432 + 4 * 3_206},
  "stylize_small": {"stylizer": 422_496 + 4 * 1_606},
}
# The others differ from one of these, or from what test_every_family trains, in
# numbers; they are trained among the slow tests.
TRAINED = ("consingan_retarget", "gatys", "mlp_mnist", "patches", "siamese_monet")
# What is shipped or drawn instead of real data, and little of it.
SMALL = {
  "path": "",
  "num_drawn": 64,
  "holdout": 8,
  "only": "",
  "style_size": 32,
  "drawn_styles": 2,
}


def _config(name, variant="full"):
  return importlib.import_module(f"jaxgan.configs.{name}").get_config(variant)


def test_every_config_is_counted():
  assert set(NAMES) == set(COUNTS)


@pytest.mark.parametrize(
  "name",
  [  # It measures paintings before it trains.
    pytest.param(x, marks=[pytest.mark.slow] if x == "stylize_any" else [])
    for x in NAMES
  ],
)
def test_parameters(name):
  config = _config(name)
  data = config.get("data", {})
  data.update({key: value for key, value in SMALL.items() if key in data})
  if "style_size" in data:
    data.size = 32
  state = None
  for stage in runner.find_family(config.experiment).stages(config):
    state = jax.eval_shape(stage.init, jax.random.key(0), state)
  got = {
    player: sum(x.size for x in jax.tree.leaves(params))
    for player, params in state.params.items()
  }
  assert got == COUNTS[name]


@pytest.mark.parametrize(
  "name",
  [pytest.param(x, marks=[] if x in TRAINED else pytest.mark.slow) for x in NAMES],
)
def test_tiny_trains_to_an_image(name, tmp_path):
  config = _config(name, "tiny")
  # The features of evaluation have tests of their own and take long here.
  config.every.update(log=2, evaluate=0)
  runner.train(config, tmp_path)
  lines = [
    json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()
  ]
  run = workdirs.load(tmp_path)
  total = config.num_steps * len(run.facts)  # Every stage has so many.
  assert [line["step"] for line in lines] == [*range(2, total, 2), total]
  assert all(np.isfinite(value) for line in lines for value in line.values())
  size = config.data.size if "data" in config else config.min_size
  written = list((tmp_path / "images").glob(f"*_{total:08d}.png"))
  for path in written:
    with Image.open(path) as image:
      assert min(image.size) >= size
      assert any(low < high for low, high in image.convert("RGB").getextrema())
  assert written
  assert run.run_step() == total


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(TRAINED)))
def test_tiny_of_the_others_takes_a_step(name):
  """Traced, not run."""
  config = _config(name, "tiny")
  state = None
  for stage in runner.find_family(config.experiment).stages(config):
    state = jax.eval_shape(stage.init, jax.random.key(0), state)
    batch = jax.tree.map(lambda x: x[0], stage.batches(0, 1)) | stage.constants
    after, scalars = jax.eval_shape(stage.update, state, batch)
    assert jax.tree.map(jnp.shape, after) == jax.tree.map(jnp.shape, state)
    assert all(value.shape == () for value in scalars.values())
    assert jax.eval_shape(stage.render, state, batch)


def test_what_is_logged_to_be_expected():
  """Each says when faces show in runs of its own: by docs/results.md and its sheets."""
  found = {name: _config(name, "full").get("expect") for name in NAMES}
  assert {name: text.split()[5] for name, text in found.items() if text} == {
    "dcgan_anime": "1,500",
    "gan_anime": "1,500",
    "dcgan_anime_conditional": "2,500",
  }
