"""Every config builds, and its tiny variant trains to a picture and goes on."""
import importlib
import json
import pathlib

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import engine, runner

ROOT = pathlib.Path(__file__).parent.parent
NAMES = sorted(path.stem for path in (ROOT / "configs").glob("*.py"))


def _gan(generator, discriminator):
  return {"generator": generator, "discriminator": discriminator}


COUNTS = {  # Parameters of each player.
    "dcgan_anime": _gan(3_578_432, 2_767_296),
    # The tables of 12 hair and 11 eye colours: 2 (512 + 256 + 128 + 64) and 512 a row.
    "dcgan_anime_conditional": _gan(3_578_432 + 23 * 1_920, 2_767_296 + 23 * 512),
    "dcgan_anime_exp1": _gan(3_578_432, 2_767_296),
    "dcgan_anime_exp2": _gan(3_578_432, 2_767_296),
    "dcgan_anime_exp3": _gan(3_578_432, 2_767_296),
    "dcgan_anime_exp4": _gan(3_578_432, 2_767_296),
    "dcgan_cifar_horses": _gan(3_225_091, 1_488_641),
    "dcgan_mnist": _gan(3_222_785, 1_486_337),
    "gatys": {"picture": 32 * 32 * 3},  # Its pixels.
    "johnson": {"stylizer": 1_674_432 + 3_206},
    "mlp_mnist": _gan(114_064, 100_609),
    "siamese": _gan(1_452_227, 8_000_064),
    "siamese_monet": _gan(1_452_227, 8_000_064),
    # Of the four textures that are shipped.
    "stylize": {"stylizer": 1_674_432 + 4 * 3_206},
    "stylize_magenta": {"stylizer": 1_674_432 + 4 * 3_206},
    "stylize_small": {"stylizer": 107_568 + 4 * 806},
}
# What is shipped or drawn instead of real data, and little of it.
SMALL = {"path": "", "num_drawn": 64, "holdout": 8, "only": "", "style_size": 32}


def _config(name, variant="full"):
  return importlib.import_module(f"configs.{name}").get_config(variant)


def test_every_config_is_counted():
  assert set(NAMES) == set(COUNTS)


@pytest.mark.parametrize("name", NAMES)
def test_parameters(name):
  config = _config(name)
  config.data.update({key: value for key, value in SMALL.items() if key in config.data})
  if "style_size" in config.data:
    config.data.size = 32
  stage = runner.find_experiment(config).stages(config)[0]
  state = jax.eval_shape(stage.init, jax.random.key(0), None)
  got = {player: sum(x.size for x in jax.tree.leaves(params))
         for player, params in state.params.items()}
  assert got == COUNTS[name]


@pytest.mark.parametrize("name", NAMES)
def test_tiny_trains_to_a_picture(name, tmp_path):
  config = _config(name, "tiny")
  # The features of evaluation have tests of their own and take long here.
  config.every.evaluate = 0
  runner.train(config, tmp_path)
  lines = [json.loads(line) for line in
           (tmp_path / "metrics.jsonl").read_text().splitlines()]
  assert [line["step"] for line in lines] == [2, 4]
  assert all(np.isfinite(value) for line in lines for value in line.values())
  size, drawn = config.data.size, list((tmp_path / "images").glob("*_00000004.png"))
  for path in drawn:
    with Image.open(path) as picture:
      assert min(picture.size) >= size
      assert any(low < high for low, high in picture.convert("RGB").getextrema())
  assert drawn
  assert engine.workdir.load(tmp_path).run_step() == 4
