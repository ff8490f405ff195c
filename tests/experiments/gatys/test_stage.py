"""Images by optimization of their pixels."""

import importlib
import json

import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, evaluate, generate, runner
from jaxgan.engine import workdir
from jaxgan.experiments.gatys import data, objective, stage
from jaxgan.experiments.shared.criterion import create_criterion


def _config(**changes):
  config = importlib.import_module("configs.gatys").get_config("tiny")
  config.data.update(size=16, style_size=16, styles="shipped:ihc")
  config.loss.content, config.loss.style = {"relu1_1": 1.0}, {"relu1_2": 4.0}
  config.every.update(image=0, log=1)
  config.update_from_flattened_dict(changes)
  return config


def _losses(folder):
  lines = (folder / "metrics.jsonl").read_text().splitlines()
  return [json.loads(line)["loss"] for line in lines]


@pytest.mark.parametrize(
  "changes",
  [
    {"num_steps": 20, "optimizer.learning_rate": 0.02},
    {"num_steps": 8, "optimizer.name": "lbfgs"},
    {"num_steps": 20, "start": "noise", "loss.total_variation": 0.1},
  ],
  ids=["adam", "lbfgs", "noise"],
)
def test_loss_falls_and_pixels_stay_in_range(changes, tmp_path):
  runner.train(_config(**changes), tmp_path)
  losses = _losses(tmp_path)
  assert losses[-1] < 0.7 * losses[0]
  pixels = workdir.load(tmp_path).restore("params.picture")["pixels"]
  assert pixels.shape == (1, 16, 16, 3)
  assert pixels.min() >= 0
  assert pixels.max() <= 1


def test_picture_evaluation_and_exact_resume(exported, tmp_path, capsys):
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
  halved = workdir.load(exported(tmp_path / "whole")).restore("params.picture")
  np.testing.assert_allclose(halved["pixels"], pixels, atol=2**-11)
  evaluate.main(["evaluate", f"--workdir={tmp_path / 'whole'}"])
  line = json.loads(capsys.readouterr().out)
  assert line["content"] == line["content_relu1_1"] > 0
  assert line["combined_distance"] == pytest.approx(
    (1 + line["lpips_vgg16"]) * (1 + line["style_distance"])
  )
  assert line["dists"] > 0
  # What is logged is the loss before the step; this is after the last.
  assert line["style"] + line["content"] < _losses(tmp_path / "whole")[-1]


def test_targets_of_a_mixture_are_mixed():
  config = _config(style="ihc:3,brick:1", **{"data.styles": ""})
  photo = data.load("", 16)
  assert photo.shape == (16, 16, 3)
  criterion = create_criterion(config.loss)

  def gram(style):
    config.style = style
    constants = objective.create_constants(config, criterion, photo)
    return constants["grams"]["relu1_2"]

  want = 0.75 * gram("ihc") + 0.25 * gram("brick")
  np.testing.assert_allclose(gram("ihc:3,brick:1"), want, rtol=1e-4)


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    ({"optimizer.name": "sgd"}, "config.optimizer.name = 'sgd'"),
    ({"optimizer.memory": 0}, "config.optimizer.memory = 0"),
    ({"optimizer.learning_rate": -1.0}, "config.optimizer.learning_rate = -1"),
    ({"start": "gray"}, "config.start = 'gray'"),
    ({"data.size": 8}, "config.data.size = 8 must be 16"),
    ({"data.style_size": 8}, "config.data.style_size = 8"),
    ({"loss.style": {"relu9": 1.0}}, "relu9: VGG16 has no such layer"),
  ],
)
def test_what_a_config_alone_can_tell(changes, named):
  with pytest.raises(errors.UserError, match=named):
    runner.prepared(_config(**changes))


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    ({"style": "ich"}, "did you mean 'ihc'"),
    ({"style": "ihc:1,ihc:-1"}, "sum to 0"),
    ({"data.content": "/nowhere.jpg"}, "/nowhere.jpg"),
  ],
)
def test_what_the_data_tell(changes, named):
  with pytest.raises(errors.UserError, match=named):
    stage.stages(_config(**changes))
