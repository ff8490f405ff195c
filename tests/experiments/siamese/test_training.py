"""The Siamese GAN's step, its health, and translation from file to file."""

import jax
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors
from jaxgan.experiments.siamese import data, networks, objective, stage
from jaxgan.nets import siamese as nets_lib


def _batch(n=4):
  random = np.random.default_rng(0)
  # Windows that differ in color as well, so that gradients are no rounding errors.
  return {
    name: (
      random.integers(0, 128, (n, 32, 32, 3)) + random.integers(0, 128, (n, 1, 1, 3))
    ).astype(np.uint8)
    for name in "ab"
  }


def _goal(config):
  return objective.objective(config, networks.networks(config))


def _setup(config):
  goal = _goal(config)
  init = jax.jit(lambda key: stage.init_state(key, goal, stage.players(config, goal)))
  return goal, jax.jit(stage.make_update(config, goal)), init(jax.random.key(0))


def test_one_step_is_the_articles(make_config):
  """The discriminator moves first, on translations it passes no gradient to; then the
  generator sees it moved."""
  goal, update, state = _setup(make_config())
  batch = _batch()
  after, scalars = update(state, batch)
  a, b = (batch[name] / 127.5 - 1 for name in "ab")

  def translate(params):
    tiles, _ = goal.nets.generator.apply(
      {"params": params, **state.extra["generator"]},
      nets_lib.quadrants(a),
      train=True,
      mutable=["batch_stats"],
    )
    return nets_lib.join(tiles)

  def judge(params, statistics, x):
    return goal.nets.discriminator.apply({"params": params, **statistics}, x)

  def angle(va, vab):
    u, w = va - np.roll(va, -1, 0), vab - np.roll(vab, -1, 0)
    return np.mean(
      (u * w).sum(-1) / np.sqrt(((u**2).sum(-1) + 1e-6) * ((w**2).sum(-1) + 1e-6))
    )

  ab = translate(state.params["generator"])
  va, vab, vb = (
    np.asarray(
      judge(state.params["discriminator"], state.extra["discriminator"], x), np.float64
    )
    for x in (a, ab, b)
  )
  d1 = (vb**2).sum(-1).mean()
  d2 = (np.maximum(0, 2 - np.sqrt((vab**2).sum(-1))) ** 2).mean()
  np.testing.assert_allclose(scalars["d1"], d1, rtol=1e-4)
  np.testing.assert_allclose(scalars["d2"], d2, rtol=1e-4)
  np.testing.assert_allclose(
    scalars["loss_discriminator"], d1 + d2 - 10 * angle(va, vab), rtol=1e-3
  )
  va, vab = (
    np.asarray(
      judge(after.params["discriminator"], after.extra["discriminator"], x), np.float64
    )
    for x in (a, ab)
  )
  np.testing.assert_allclose(
    scalars["loss_generator"], (vab**2).sum(-1).mean() - 10 * angle(va, vab), rtol=1e-3
  )


@pytest.mark.parametrize(
  "changes",
  [
    {
      "n_critic": 2,
      "data.flip": True,
      "loss.identity": 0.5,
      "loss.apart": 10.0,
      "loss.magnitude": 1.0,
    },
    {
      "combo": False,
      "generator.norm": "spectral",
      "generator.padding": "reflect",
      "discriminator.norm": "none",
    },
    {"generator.upsample": "resize", "generator.blocks": 1, "dtype": "bfloat16"},
  ],
  ids=lambda changes: next(iter(changes)),
)
def test_options_train_and_change_every_weight(make_config, changes):
  config = make_config(**changes)
  _, update, state = _setup(config)
  after, scalars = update(state, _batch(4 * config.n_critic))
  assert set(scalars) == set(objective.SCALARS)
  assert all(np.isfinite(x) for x in scalars.values())
  for name in ("generator", "discriminator"):
    for old, new in zip(
      jax.tree.leaves(state.params[name]),
      jax.tree.leaves(after.params[name]),
      strict=True,
    ):
      assert np.isfinite(new).all()
      assert np.any(old != new), name
    # Averages of batch norm and power iterations go on as well.
    moved = jax.tree.map(
      lambda old, new: bool(np.any(old != new)), state.extra[name], after.extra[name]
    )
    assert all(jax.tree.leaves(moved)), name


def test_without_combo_the_discriminator_sees_no_joint(make_config):
  """Vectors of the baseline are those of the tiles, one by one."""
  goal, _, state = _setup(make_config(combo=False))
  x = _batch()["a"] / np.float32(127.5) - 1
  (vectors,), _ = goal.judge(state.params, state, x)
  assert vectors.shape == (16, 8)
  other = x.copy()
  other[:, :16, :16] = 0  # Only the first quadrant of each.
  (changed,), _ = goal.judge(state.params, state, other)
  same = np.isclose(vectors, changed, atol=1e-6).all(-1)
  np.testing.assert_array_equal(same.reshape(4, 4), [[False, True, True, True]] * 4)
  # Partners are the same quadrant of the next window.
  (travels,) = goal.travels(vectors)
  np.testing.assert_allclose(travels[5], vectors[5] - vectors[9], rtol=1e-5)


def test_each_move_of_the_discriminator_sees_its_own_windows(make_config):
  config = make_config(n_critic=3)
  goal = _goal(config)
  discriminator, generator = stage.players(config, goal)
  assert (discriminator.updates, generator.updates) == (3, 1)
  batch = {name: np.arange(12).reshape(12, 1, 1, 1) for name in "ab"} | {"shown_a": 0}
  seen = [discriminator.batch(batch, move)["a"].ravel().tolist() for move in range(3)]
  assert sorted(seen[0] + seen[1] + seen[2]) == list(range(12))
  assert generator.batch(batch, 0)["b"].shape == (4, 1, 1, 1)


@pytest.mark.parametrize(
  ("d1", "d2", "g1", "named"),
  [
    (1.0, 1.0, 1.0, ""),
    (0.3, 0.2, 2.0, ""),
    (0.01, 0.02, 3.9, "discriminator has"),
    (0.01, 3.5, 0.01, "generator has"),
    (0.01, 1.0, 0.02, ""),
  ],
)
def test_a_player_that_has_won_is_named(make_config, d1, d2, g1, named):
  said = _goal(make_config()).warn({"d1": d1, "d2": d2, "g1": g1})
  assert (named in said) if named else said == ""


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    ({"data.batch_size": 1}, "pairs"),
    ({"n_critic": 0}, "n_critic"),
    ({"generator.norm": "batc"}, "did you mean 'batch'"),
    ({"discriminator.norm": "batch"}, "discriminator.norm"),
    ({"data.size": 24}, "data.size = 24"),
    ({"loss.margin": 0.0}, "loss.margin"),
    ({"loss.content": -1.0}, "loss.content"),
    ({"data.train_scale": 2.0}, "train_scale"),
    ({"data.a": "/nowhere"}, "no such file"),
  ],
)
def test_a_config_that_makes_no_sense_is_refused(make_config, changes, named):
  with pytest.raises(errors.UserError, match=named):
    stage.stages(make_config(**changes))


def test_a_tenth_of_a_is_held_out_at_most(make_config, tmp_path, monkeypatch):
  monkeypatch.setenv("JAXGAN_CACHE", str(tmp_path))
  domains = data.load(make_config(**{"data.num_drawn": 20}))
  assert [len(x) for x in domains] == [18, 20, 2]
  assert not set(domains.a.names) & set(domains.held_out.names)
  one = data.load(make_config(**{"data.num_drawn": 1}))
  assert [len(x) for x in one] == [1, 1, 0]
  assert one.judged is one.a
  batch = data.batches(make_config(n_critic=2), domains)(3, 2)
  assert {x.shape for x in batch.values()} == {(2, 8, 32, 32, 3)}
  assert (batch["a"] != batch["b"]).any()


def test_small_pictures_are_enlarged_to_a_window(make_config, tmp_path):
  Image.fromarray(np.zeros((5, 9, 3), np.uint8)).save(tmp_path / "x.png")
  domains = data.load(make_config(**{"data.a": str(tmp_path)}))
  assert domains.a.shapes.tolist() == [[32, 58]]
