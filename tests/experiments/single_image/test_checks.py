"""Mistakes in configs are named before an image is read."""

import importlib

import pytest

from jaxgan import errors, runner
from jaxgan.experiments.single_image import stage


def _config(name="consingan", **changes):
  config = importlib.import_module(f"configs.{name}").get_config("tiny")
  config.update(changes)
  return config


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    (dict(min_size=30), "config.max_size = 20 is less than config.min_size = 30"),
    (dict(min_size=5), "config.min_size = 5"),
    (dict(num_stages=-1), "config.num_stages = -1"),
    (dict(mode="retargt"), "config.mode.*did you mean 'retarget'"),
    (dict(activation="relu"), "config.activation"),
    (dict(network="singam"), "config.network.*did you mean 'singan'"),
    (dict(spacing="linear"), "config.spacing = 'linear'"),
    (dict(augmentation="refrence"), "config.augmentation.*'reference'"),
    (dict(resize=dict(border="none", truncate=False)), "config.resize.border"),
    (dict(train_depth=0), "config.train_depth = 0"),
    (dict(num_seeds=0), "config.num_seeds = 0"),
    (dict(seed=2**32 - 1, num_seeds=2), r"num_seeds - 1 = 4294967296"),
    (dict(updates_per_step=dict(generator=0)), "config.updates_per_step.generator = 0"),
    (dict(decay_at=0.0), "config.decay_at = 0.0"),
    (dict(decay_at=1.5), "config.decay_at = 1.5"),
    (dict(slope=-0.1), "config.slope = -0.1"),
    (dict(noise=-1.0), "config.noise = -1.0"),
    (dict(reconstruction=-1.0), "config.reconstruction = -1.0"),
    (dict(gradient_penalty=-1.0), "config.gradient_penalty = -1.0"),
    (dict(lr_scale=-3.0), "config.lr_scale = -3.0"),
    (dict(optimizer=dict(learning_rate=-1.0)), "config.optimizer.learning_rate = -1.0"),
    (dict(optimizer=dict(b1=2.0)), "config.optimizer.b1 = 2.0"),
    (dict(optimizer=dict(b2=1.0)), "config.optimizer.b2 = 1.0"),
    (dict(init=dict(workdir="", input="x.png")), "config.init.workdir"),
    (dict(init=dict(workdir="x", input="")), "config.init.input"),
    (dict(init=dict(workdir="x", input="y.png")), "no run in x"),
  ],
  ids=lambda value: value if isinstance(value, str) else "",
)
def test_mistakes_are_named_before_the_image_is_read(
  changes, named, tmp_path, monkeypatch
):
  monkeypatch.chdir(tmp_path)
  with pytest.raises(errors.UserError, match=named):
    runner.prepared(_config(image="nothing.png", **changes))


def test_mistakes_of_a_singan(tmp_path):
  for changes in (dict(factor=1.5), dict(mode="retarget")):
    with pytest.raises(errors.UserError, match=f"config.{next(iter(changes))}"):
      runner.prepared(_config("singan", **changes))
  with pytest.raises(errors.UserError, match=r"nothing\.png: no such file"):
    stage.stages(_config(image="nothing.png"))
