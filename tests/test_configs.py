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
COUNTS = {  # Generator, discriminator.
    "dcgan_anime": (3_578_432, 2_767_296),
    # The tables of 12 hair and 11 eye colours: 2 (512 + 256 + 128 + 64) and 512 a row.
    "dcgan_anime_conditional": (3_578_432 + 23 * 1_920, 2_767_296 + 23 * 512),
    "dcgan_anime_exp1": (3_578_432, 2_767_296),
    "dcgan_anime_exp2": (3_578_432, 2_767_296),
    "dcgan_anime_exp3": (3_578_432, 2_767_296),
    "dcgan_anime_exp4": (3_578_432, 2_767_296),
    "dcgan_cifar_horses": (3_225_091, 1_488_641),
    "dcgan_mnist": (3_222_785, 1_486_337),
    "mlp_mnist": (114_064, 100_609),
    "siamese": (1_452_227, 8_000_064),
    "siamese_monet": (1_452_227, 8_000_064),
}
PICTURES = {  # What a tiny run shows, its columns and rows of images of data.size.
    "dcgan": ("fake", 8, 8),
    "siamese": ("strip", 3 * 6, 3 * 2),  # Rows of three windows of two tiles.
}


def _config(name, variant="full"):
  return importlib.import_module(f"configs.{name}").get_config(variant)


def test_every_config_is_counted():
  assert set(NAMES) == set(COUNTS)


@pytest.mark.parametrize("name", NAMES)
def test_parameters(name):
  config = _config(name)
  config.data.update(path="", num_drawn=64, holdout=8, only="")  # Not real data.
  stage = runner.find_experiment(config).stages(config)[0]
  state = jax.eval_shape(stage.init, jax.random.key(0), None)
  got = tuple(sum(x.size for x in jax.tree.leaves(state.params[player]))
              for player in ("generator", "discriminator"))
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
  size = config.data.size
  shown, columns, rows = PICTURES[config.experiment]
  with Image.open(tmp_path / "images" / f"{shown}_00000004.png") as picture:
    assert picture.size == (columns * size, rows * size)
  assert engine.workdir.load(tmp_path).run_step() == 4
