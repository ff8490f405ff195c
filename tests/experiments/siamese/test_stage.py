"""The Siamese GAN's step, its warnings, its config and its data."""

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, runner
from jaxgan.experiments.siamese import data, stage
from jaxgan.experiments.siamese.networks import create_networks
from jaxgan.experiments.siamese.objective import SCALARS, create_objective
from jaxgan.nets.siamese import join, quadrants
from tests.experiments.changes import assert_every_array_changed


def _batch(n=4):
  random = np.random.default_rng(0)
  # Windows that differ in color as well, so that gradients are no rounding errors.
  return {
    name: (
      random.integers(0, 128, (n, 32, 32, 3)) + random.integers(0, 128, (n, 1, 1, 3))
    ).astype(np.uint8)
    for name in "ab"
  }


def _objective(config):
  return create_objective(config, create_networks(config))


def _setup(config):
  objective = _objective(config)
  players = stage.create_players(config, objective)
  init = jax.jit(lambda: stage.init_state(jax.random.key(0), objective, players))
  return objective, jax.jit(stage.make_update(config, players)), init()


def test_one_step_is_the_articles(make_config):
  """First the discriminator is updated, then the generator against the updated one."""
  objective, update, state = _setup(make_config())
  batch = _batch()
  after, scalars = update(state, batch)
  nets = objective.nets
  a, b = (batch[name] / np.float32(127.5) - 1 for name in "ab")

  @jax.jit
  def translate(params):
    tiles, _ = nets.generator.apply(
      {"params": params, **state.extra["generator"]},
      quadrants(a),
      train=True,
      mutable=["batch_stats"],
    )
    return join(tiles)

  @jax.jit
  def vectors_of(params, statistics, x):
    return nets.discriminator.apply({"params": params, **statistics}, x)

  def vectors(state, *windows):
    params, statistics = (x["discriminator"] for x in (state.params, state.extra))
    return [np.asarray(vectors_of(params, statistics, x), float) for x in windows]

  def angle(va, vab):
    u, w = va - np.roll(va, -1, 0), vab - np.roll(vab, -1, 0)
    return np.mean(
      (u * w).sum(-1) / np.sqrt(((u**2).sum(-1) + 1e-6) * ((w**2).sum(-1) + 1e-6))
    )

  ab = translate(state.params["generator"])
  va, vab, vb = vectors(state, a, ab, b)
  d1 = (vb**2).sum(-1).mean()
  d2 = (np.maximum(0, 2 - np.sqrt((vab**2).sum(-1))) ** 2).mean()
  np.testing.assert_allclose(scalars["d1"], d1, rtol=1e-4)
  np.testing.assert_allclose(scalars["d2"], d2, rtol=1e-4)
  np.testing.assert_allclose(
    scalars["loss_discriminator"], d1 + d2 - 10 * angle(va, vab), rtol=1e-3
  )
  va, vab = vectors(after, a, ab)
  np.testing.assert_allclose(
    scalars["loss_generator"], (vab**2).sum(-1).mean() - 10 * angle(va, vab), rtol=1e-3
  )


@pytest.mark.parametrize(
  "changes",
  [
    {
      "updates_per_step.discriminator": 2,
      "data.flip": True,
      "loss.identity": 0.5,
      "loss.separation": 10.0,
      "loss.magnitude": 1.0,
      "generator.upsample": "resize",
      "generator.blocks": 1,
    },
    {
      "combo": False,
      "dtype": "bfloat16",
      "generator.norm": "spectral",
      "generator.padding": "reflect",
      "discriminator.norm": "none",
    },
  ],
  ids=lambda changes: next(iter(changes)),
)
def test_options_train_and_change_every_weight(make_config, changes):
  config = make_config(**changes)
  _, update, state = _setup(config)
  batch = _batch(4 * config.updates_per_step.discriminator)
  after, scalars = update(state, batch)
  assert set(scalars) == set(SCALARS)
  assert all(np.isfinite(x) for x in scalars.values())
  for name in ("generator", "discriminator"):
    assert_every_array_changed(state.params[name], after.params[name])
    # Averages of batch norm and power iterations go on as well.
    assert_every_array_changed(state.extra[name], after.extra[name])


def test_the_generator_may_have_more_updates(make_config):
  config = make_config(**{"updates_per_step.generator": 2})
  objective = _objective(config)
  players = stage.create_players(config, objective)
  state = jax.eval_shape(
    lambda: stage.init_state(jax.random.key(0), objective, players)
  )
  after, _ = jax.eval_shape(stage.make_update(config, players), state, _batch())
  assert jax.tree.structure(after) == jax.tree.structure(state)


def test_without_combo_the_discriminator_sees_no_seam(make_config):
  """Vectors of the baseline are those of the tiles, one by one."""
  objective, _, state = _setup(make_config(combo=False))
  vectors_of = jax.jit(lambda x: objective.vectors(state.params, state, x)[0][0])
  x = _batch()["a"] / np.float32(127.5) - 1
  vectors = vectors_of(x)
  assert vectors.shape == (16, 8)
  other = x.copy()
  other[:, :16, :16] = 0  # Only the first quadrant of each.
  same = np.isclose(vectors, vectors_of(other), atol=1e-6).all(-1)
  np.testing.assert_array_equal(same.reshape(4, 4), [[False, True, True, True]] * 4)
  # Partners are the same quadrant of the next window.
  (differences,) = objective.transformations(vectors)
  np.testing.assert_allclose(differences[5], vectors[5] - vectors[9], rtol=1e-5)


@pytest.mark.parametrize(
  ("d1", "d2", "g1", "named"),
  [
    (1.0, 1.0, 1.0, ""),
    (0.3, 0.2, 2.0, ""),
    (0.01, 0.02, 3.9, "discriminator is too strong"),
    (0.01, 3.5, 0.01, "generator is too strong"),
    (0.01, 1.0, 0.02, ""),
  ],
)
def test_a_player_that_is_too_strong_twice_is_named(make_config, d1, d2, g1, named):
  objective, scalars = _objective(make_config()), {"d1": d1, "d2": d2, "g1": g1}
  balanced = {"d1": 1.0, "d2": 1.0, "g1": 1.0}
  assert not list(objective.remarks({}, scalars))
  assert not list(objective.remarks(balanced, scalars))
  lines = list(objective.remarks(scalars, scalars))
  assert [named in line for line in lines] == ([True] if named else [])


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    ({"data.batch_size": 1}, "pairs"),
    ({"updates_per_step.discriminator": 0}, r"updates_per_step\.discriminator = 0"),
    ({"generator.norm": "batc"}, "did you mean 'batch'"),
    ({"discriminator.norm": "batch"}, "discriminator.norm"),
    ({"generator.upsample": "nearest"}, r"generator\.upsample"),
    ({"data.size": 24}, "data.size = 24"),
    ({"data.size": 0}, "data.size = 0"),
    ({"data.holdout": -1}, r"data\.holdout = -1"),
    ({"evaluate.num": 5}, r"evaluate\.num = 5"),
    ({"evaluate.size": 16}, r"evaluate\.size = 16"),
    ({"loss.margin": 0.0}, "loss.margin"),
    ({"loss.content": -1.0}, "loss.content"),
    ({"data.train_scale": 2.0}, "train_scale"),
  ],
)
def test_a_config_that_makes_no_sense_is_refused(make_config, changes, named):
  with pytest.raises(errors.UserError, match=named):
    runner.prepared(make_config(**changes))


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    ({"data.a": "/nowhere"}, "no such file"),
    ({"evaluate.size": 9999}, "windows of 9999 pixels do not fit"),
  ],
)
def test_what_only_the_data_tell_is_refused_before_training(
  make_config, changes, named
):
  with pytest.raises(errors.UserError, match=named):
    stage.stages(make_config(**changes))


def test_batches_are_windows_of_both_domains(make_config):
  config = make_config(**{"updates_per_step.discriminator": 2})
  batch = data.batches(config, data.load(config))(3, 2)
  assert {x.shape for x in batch.values()} == {(2, 8, 32, 32, 3)}
  assert (batch["a"] != batch["b"]).any()


def test_small_images_are_enlarged_to_a_window(make_config, tmp_path):
  Image.fromarray(np.zeros((5, 9, 3), np.uint8)).save(tmp_path / "x.png")
  domains = data.load(make_config(**{"data.a": str(tmp_path)}))
  assert domains.a.shapes.tolist() == [[32, 58]]


def test_evaluation_in_training_compiles_once(make_config, evaluate_both):
  (only,) = stage.stages(make_config())
  state = jax.jit(lambda: only.init(jax.random.key(0), None))()
  other = jax.tree.map(lambda x: 9 * x, state.extra["ema"])
  other = state.replace(extra=state.extra | {"ema": other})
  first, second = evaluate_both(only, state, other)
  assert first["seam_ratio"] != second["seam_ratio"]
