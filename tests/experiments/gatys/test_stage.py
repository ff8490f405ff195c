"""Pictures by optimization of their pixels."""

import importlib
import json

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, evaluate, generate, runner
from jaxgan.engine import workdir
from jaxgan.experiments.gatys import stage
from jaxgan.experiments.shared import criterion


def _config(**changes):
  config = importlib.import_module("configs.gatys").get_config("tiny")
  config.data.update(size=24, style_size=24)
  config.loss.content, config.loss.style = {"relu1_2": 1.0}, {"relu1_2": 4.0}
  config.every.update(image=0, log=1)
  config.update_from_flattened_dict(changes)
  return config


def _losses(folder):
  lines = (folder / "metrics.jsonl").read_text().splitlines()
  return [json.loads(line)["loss"] for line in lines]


@pytest.mark.parametrize(
  ("changes", "factor"),
  [
    ({"num_steps": 20, "optimizer.learning_rate": 0.02}, 0.5),
    ({"num_steps": 8, "optimizer.name": "lbfgs"}, 0.3),
    ({"num_steps": 20, "start": "noise", "loss.total_variation": 0.1}, 0.5),
  ],
  ids=["adam", "lbfgs", "noise"],
)
def test_loss_falls_and_pixels_stay_in_range(changes, factor, tmp_path):
  runner.train(_config(**changes), tmp_path)
  losses = _losses(tmp_path)
  assert losses[-1] < factor * losses[0]
  pixels = workdir.load(tmp_path).restore("params.picture")["pixels"]
  assert pixels.shape == (1, 24, 24, 3)
  assert pixels.min() >= 0
  assert pixels.max() <= 1


def test_picture_evaluation_and_exact_resume(tmp_path, capsys):
  for folder, steps in (("whole", (4,)), ("parts", (2, 4))):
    for num_steps in steps:
      runner.train(_config(num_steps=num_steps), tmp_path / folder)
    generate.main(
      [
        "generate",
        f"--workdir={tmp_path / folder}",
        "--task=picture",
        f"--output={tmp_path / folder}.png",
      ]
    )
  pixels = workdir.load(tmp_path / "whole").restore("params.picture")["pixels"]
  np.testing.assert_array_equal(
    pixels, workdir.load(tmp_path / "parts").restore("params.picture")["pixels"]
  )
  with Image.open(tmp_path / "whole.png") as picture:
    np.testing.assert_array_equal(np.asarray(picture), np.round(255 * pixels[0]))
  evaluate.main(["evaluate", f"--workdir={tmp_path / 'whole'}"])
  line = json.loads(capsys.readouterr().out)
  assert line["content"] == line["content_relu1_2"] > 0
  # What is logged is the loss before the step; this is after the last.
  assert line["style"] + line["content"] < _losses(tmp_path / "whole")[-1]


def test_targets_of_a_mixture_are_mixed():
  config = _config(style="ihc:3,brick:1")
  photo = stage.read_content("", 24)
  assert photo.shape == (24, 24, 3)
  goal = criterion.criterion(config)
  mixed = stage.constants(config, goal, photo)["grams"]["relu1_2"]
  one = {}
  for name in ("ihc", "brick"):
    config.style = name
    one[name] = stage.constants(config, goal, photo)["grams"]["relu1_2"]
  np.testing.assert_allclose(mixed, 0.75 * one["ihc"] + 0.25 * one["brick"], rtol=1e-4)


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    ({"optimizer.name": "sgd"}, "config.optimizer.name = 'sgd'"),
    ({"style": "ich"}, "did you mean 'ihc'"),
    ({"style": "ihc:1,brick:-1"}, "sum to 0"),
    ({"data.content": "/nowhere.jpg"}, "/nowhere.jpg"),
    ({"data.size": 8}, "less than 16"),
  ],
)
def test_mistakes_are_named(changes, named):
  with pytest.raises(errors.UserError, match=named):
    stage.stages(_config(**changes))


def test_an_unknown_start_is_named(tmp_path):
  with pytest.raises(errors.UserError, match="start = 'gray'"):
    runner.train(_config(start="gray"), tmp_path)
