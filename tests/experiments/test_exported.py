"""What every family exports is all that its tasks and fine-tunings restore."""

import functools
import pathlib

import pytest

from jaxgan import runner
from jaxgan.engine import workdir
from jaxgan.experiments import (
  dcgan,
  gatys,
  patches,
  siamese,
  single_image,
  stylize,
  translation,
)
from jaxgan.formats import safetensors

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
  "patches": [patches.inference.restored],
  "gatys": [gatys.inference.restore_pixels],
  "consingan": [single_image.inference.restored],
  "singan": [single_image.inference.restored],
}


@pytest.mark.parametrize("name", OPEN)
def test_tasks_find_all_that_they_restore_in_a_file(untrained, name, tmp_path):
  run = untrained(name)
  path = tmp_path / "model.safetensors"
  family = runner.find_family(run.config.experiment)
  safetensors.write(family, run, path)
  small = workdir.load(path)
  assert small.items() < run.items()
  assert not {x for x in small.items() if x.startswith(("opt.", "clock"))}
  for opened in OPEN[name]:
    opened(small)
