"""What every family exports is all that its tasks and fine-tunings restore."""

import functools
import importlib
import pathlib

import jax
import ml_collections
import numpy as np
import pytest

from jaxgan import export, runner
from jaxgan.engine import checkpoints, model_file, workdir
from jaxgan.experiments import dcgan, gatys, siamese, single_image, stylize, translation

OPEN = {
  "dcgan_anime": [dcgan.inference.open_sampler, dcgan.inference.open_critic],
  "mlp_mnist": [dcgan.inference.open_sampler, dcgan.inference.open_critic],
  "siamese": [siamese.inference.open_translator],
  "cyclegan": [
    functools.partial(
      translation.inference.open_translator, direction=way, scratch=pathlib.Path()
    )
    for way in ("ab", "ba")
  ],
  "stylize": [stylize.networks.restore],
  "gatys": [gatys.inference.restore_pixels],
  "consingan": [single_image.inference.restored],
  "singan": [single_image.inference.restored],
}


@pytest.fixture(params=OPEN)
def untrained(request):
  """Name of a config, and its run as if it had ended with weights of 0."""
  config = importlib.import_module(f"configs.{request.param}").get_config("tiny")
  stages = runner.find_family(config.experiment).stages(config)
  state = None
  for each in stages:
    state = jax.eval_shape(each.init, jax.random.key(0), state)
  zeros = {
    name: jax.tree.map(lambda x: np.zeros(x.shape, x.dtype), item["tree"])
    for name, item in checkpoints.to_items(state).items()
    if name != "clock" and not name.startswith("opt.")
  } | {name: {} for name in ("clock", "opt.generator")}
  facts = {each.name: dict(each.facts) for each in stages}
  config = ml_collections.ConfigDict(config.to_dict())
  return request.param, model_file.FileRun("zeros", config, facts, 1, zeros, {})


def test_tasks_find_all_that_they_restore_in_a_file(untrained, tmp_path):
  name, run = untrained
  path = tmp_path / "zeros.safetensors"
  family = runner.find_family(run.config.experiment)
  export.safetensors(family, run, path)
  small = workdir.load(path)
  assert small.items() < run.items()
  assert not {x for x in small.items() if x.startswith(("opt.", "clock"))}
  for opened in OPEN[name]:
    opened(small)
