"""Several generators in one program, divided over the devices."""

import importlib
import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks import scaling
from jaxgan.engine import core, sharding
from jaxgan.experiments.shared import resizing
from jaxgan.experiments.single_image import data, many, stage


def _stages(name, **changes):
  config = importlib.import_module(f"configs.{name}").get_config("tiny")
  config.update(features=2, max_size=20, image="shipped:coffee", **changes)
  (part,) = stage.parts(config)
  return part.stages


def test_scales_of_singan_can_be_mapped():
  state = None
  for each in _stages("singan", num_seeds=2):
    state = jax.eval_shape(each.init, jax.random.key(0), state)
    after, scalars = jax.eval_shape(each.update, state, each.constants)
    assert jax.tree.map(jnp.shape, after) == jax.tree.map(jnp.shape, state)
    assert {x.shape for x in scalars.values()} == {()}
    images = jax.eval_shape(each.render, state, each.constants)
    assert images["fake"].shape[0] == 2
    assert images["reconstruction"].shape[0] == 4


@pytest.mark.slow
def test_eight_seeds_are_trained_as_if_alone():
  (several,) = _stages("consingan", num_stages=1, num_seeds=8)
  (alone,) = _stages("consingan", num_stages=1)
  mesh = sharding.make_mesh()
  init = jax.jit(several.init, out_shardings=sharding.placed(several.layout, mesh))
  state = init(jax.random.key(0), None)
  call = sharding.compile_update(several, mesh, 1, state, {})
  constants = sharding.replicate(several.constants, mesh)
  seen = jax.jit(several.metrics.empty, out_shardings=sharding.replicated(mesh))()
  state, _ = call(state, seen, {}, constants)
  for leaf in jax.tree.leaves(state.params):
    assert leaf.sharding.spec == jax.sharding.PartitionSpec("data")
  # The devices tell each other the means of what is logged, and nothing else.
  assert set(scaling.collectives(call.as_text())) == {"all-reduce"}
  assert scaling.collectives(call.as_text())["all-reduce"][1] == 4 * len(stage.SCALARS)
  init, update = jax.jit(alone.init), jax.jit(alone.update)
  for seed in (0, 5):
    key = jax.random.fold_in(jax.random.key(seed), 0)
    begun = init(key, None)
    want, _ = update(begun, alone.constants)
    for got, new, old in zip(
      *map(jax.tree.leaves, (state.params, want.params, begun.params)), strict=True
    ):
      # Adam's first step has the gradient's sign, which rounding decides near 0.
      step = np.abs(new - old).max()
      assert np.abs(got[seed] - new).mean() <= 0.2 * step


def test_shares_hold_every_model_once_and_about_equal_pixels():
  sizes = [(20, 20), (14, 20), (20, 20), (20, 14), (14, 20), (20, 20), (30, 30)]
  several = [
    many.Model(
      str(i), data.TrainingImage("", "", (resizing.Level(size, 1.0),), (real,)), 0
    )
    for i, size in enumerate(sizes)
    for real in [np.zeros((1, *size, 3))]
  ]
  taken, pixels = [], []
  for index in range(3):
    groups = many.groups(several, core.Share(index, 3))
    assert all(name.endswith(f"_share_{index}_of_3") for name in groups)
    models = [model for group in groups.values() for model in group]
    taken += [model.name for model in models]
    pixels.append(sum(model.image.reals[0][..., 0].size for model in models))
  assert sorted(taken) == sorted(model.name for model in several)
  assert max(pixels) <= sum(pixels) / 3 + 900
  assert sum(not many.groups(several, core.Share(i, 99)) for i in range(99)) == 92
  assert list(many.groups(several))[1] == "together_20_14_3"


def test_a_group_is_filled_up_to_the_devices():
  assert many.filled(["a", "b", "c"]) == ["a", "b", "c", "a", "b", "c", "a", "b"]
  assert many.filled(list(range(8))) == list(range(8))


def test_errors_are_each_models_own_and_not_of_those_that_fill_up():
  level = resizing.Level((2, 3), 1.0)
  image = lambda x: data.TrainingImage("", "", (level,), (np.full((1, 2, 3, 3), x),))
  group = [many.Model(str(x), image(x), 0) for x in (0.0, 0.5, 1.0)]
  made = np.stack([model.image.reals[-1] for model in many.filled(group)])
  made[2] += 0.25
  keys = jax.random.split(jax.random.key(0), len(made))
  state = core.State(jnp.zeros((), int), keys, {"generator": made}, {}, {})
  trainer = types.SimpleNamespace(reconstruct=lambda state: state.params["generator"])
  found = many.reconstruction_errors(trainer, group, state)
  np.testing.assert_allclose(found, [0, 0, 0.25], atol=1e-6)
