"""What every family exports is all that its tasks and fine-tunings restore."""

import functools
import pathlib

import jax
import numpy as np
import pytest

from jaxgan import errors, runner
from jaxgan.engine import model_file
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
  "stylize_any": [stylize.networks.restore],
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
  _, small = runner.open_run(path)
  assert small.items() < run.items()
  assert not {x for x in small.items() if x.startswith(("opt.", "clock"))}
  for opened in OPEN[name]:
    opened(small)
  _every_array_is_compared(family, small)


def _every_array_is_compared(family, run):
  wanted = family.contents(run)
  model_file.compare(run, wanted)
  for item in run.items() - {"extra.losses"}:  # Of stylize: no task restores it.
    leaves, structure = jax.tree.flatten(run.restore(item))
    for i, array in enumerate(leaves):
      changed = [*leaves[:i], np.zeros((*array.shape, 1), np.float32), *leaves[i + 1 :]]
      tree = jax.tree.unflatten(structure, changed)
      with pytest.raises(errors.UserError, match=f"array {item}"):
        model_file.compare(run._replace(trees=run.trees | {item: tree}), wanted)
