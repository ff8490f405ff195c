"""The Siamese GAN's step, its health, and translation from file to file."""
import importlib
import json
import tracemalloc

import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image
import pytest

from jaxgan import errors, evaluate, generate, runner
from jaxgan.data import bands, tiling
from jaxgan.experiments.siamese import (
  data,
  networks,
  objective,
  stage,
  translation,
)
from jaxgan.nets import siamese as nets_lib


def _config(**changes):
  """Tiles of 16, windows of 32, four channels."""
  config = importlib.import_module("configs.siamese").get_config("tiny")
  config.data.update(num_drawn=4, batch_size=4, flip=False)
  config.generator.width = config.discriminator.width = 4
  config.discriminator.vector = 8
  config.update_from_flattened_dict(changes)
  return config


def _batch(n=4):
  random = np.random.default_rng(0)
  # Windows that differ in colour as well, so that gradients are no rounding errors.
  return {name: (random.integers(0, 128, (n, 32, 32, 3))
                 + random.integers(0, 128, (n, 1, 1, 3))).astype(np.uint8)
          for name in "ab"}


def _goal(config):
  return objective.objective(config, networks.networks(config))


def _setup(config):
  goal = _goal(config)
  init = jax.jit(lambda key: stage.init_state(key, goal, stage.players(config, goal)))
  return goal, jax.jit(stage.make_update(config, goal)), init(jax.random.key(0))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
  """A run of four steps."""
  workdir = tmp_path_factory.mktemp("run")
  runner.train(_config(**{"data.batch_size": 8}), workdir)  # One for every device.
  return workdir


def test_one_step_is_the_articles():
  """The discriminator moves first, on translations it passes no gradient to; then the
  generator sees it moved."""
  goal, update, state = _setup(_config())
  batch = _batch()
  after, scalars = update(state, batch)
  a, b = (batch[name] / 127.5 - 1 for name in "ab")

  def translate(params):
    tiles, _ = goal.nets.generator.apply(
        {"params": params, **state.extra["generator"]}, nets_lib.quadrants(a),
        train=True, mutable=["batch_stats"])
    return nets_lib.join(tiles)

  def judge(params, statistics, x):
    return goal.nets.discriminator.apply({"params": params, **statistics}, x)

  def angle(va, vab):
    u, w = va - np.roll(va, -1, 0), vab - np.roll(vab, -1, 0)
    return np.mean((u * w).sum(-1) / np.sqrt(
        ((u**2).sum(-1) + 1e-6) * ((w**2).sum(-1) + 1e-6)))

  ab = translate(state.params["generator"])
  va, vab, vb = (np.asarray(judge(state.params["discriminator"],
                                  state.extra["discriminator"], x), np.float64)
                 for x in (a, ab, b))
  d1 = (vb**2).sum(-1).mean()
  d2 = (np.maximum(0, 2 - np.sqrt((vab**2).sum(-1))) ** 2).mean()
  np.testing.assert_allclose(scalars["d1"], d1, rtol=1e-4)
  np.testing.assert_allclose(scalars["d2"], d2, rtol=1e-4)
  np.testing.assert_allclose(scalars["loss_discriminator"],
                             d1 + d2 - 10 * angle(va, vab), rtol=1e-3)
  va, vab = (np.asarray(judge(after.params["discriminator"],
                              after.extra["discriminator"], x), np.float64)
             for x in (a, ab))
  np.testing.assert_allclose(
      scalars["loss_generator"], (vab**2).sum(-1).mean() - 10 * angle(va, vab),
      rtol=1e-3)


@pytest.mark.parametrize("changes", [
    {"n_critic": 2, "data.flip": True, "loss.identity": 0.5, "loss.apart": 10.0,
     "loss.magnitude": 1.0},
    {"combo": False, "generator.norm": "spectral", "generator.padding": "reflect",
     "discriminator.norm": "none"},
    {"generator.upsample": "resize", "generator.blocks": 1, "dtype": "bfloat16"},
], ids=lambda changes: next(iter(changes)))
def test_options_train_and_change_every_weight(changes):
  config = _config(**changes)
  _, update, state = _setup(config)
  after, scalars = update(state, _batch(4 * config.n_critic))
  assert set(scalars) == set(objective.SCALARS)
  assert all(np.isfinite(x) for x in scalars.values())
  for name in ("generator", "discriminator"):
    for old, new in zip(jax.tree.leaves(state.params[name]),
                        jax.tree.leaves(after.params[name]), strict=True):
      assert np.isfinite(new).all()
      assert np.any(old != new), name
    # Averages of batch norm and power iterations go on as well.
    moved = jax.tree.map(lambda old, new: bool(np.any(old != new)),
                         state.extra[name], after.extra[name])
    assert all(jax.tree.leaves(moved)), name


def test_without_combo_the_discriminator_sees_no_joint():
  """Vectors of the baseline are those of the tiles, one by one."""
  goal, _, state = _setup(_config(combo=False))
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


def test_each_move_of_the_discriminator_sees_its_own_windows():
  config = _config(n_critic=3)
  goal = _goal(config)
  discriminator, generator = stage.players(config, goal)
  assert (discriminator.repeats, generator.repeats) == (3, 1)
  batch = {name: np.arange(12).reshape(12, 1, 1, 1) for name in "ab"} | {"shown_a": 0}
  seen = [discriminator.batch(batch, move)["a"].ravel().tolist() for move in range(3)]
  assert sorted(seen[0] + seen[1] + seen[2]) == list(range(12))
  assert generator.batch(batch, 0)["b"].shape == (4, 1, 1, 1)


@pytest.mark.parametrize(("d1", "d2", "g1", "named"), [
    (1.0, 1.0, 1.0, ""), (0.3, 0.2, 2.0, ""), (0.01, 0.02, 3.9, "discriminator has"),
    (0.01, 3.5, 0.01, "generator has"), (0.01, 1.0, 0.02, "")])
def test_a_player_that_has_won_is_named(d1, d2, g1, named):
  said = _goal(_config()).warn({"d1": d1, "d2": d2, "g1": g1})
  assert (named in said) if named else said == ""


@pytest.mark.parametrize(("changes", "named"), [
    ({"data.batch_size": 1}, "pairs"), ({"n_critic": 0}, "n_critic"),
    ({"generator.norm": "batc"}, "did you mean 'batch'"),
    ({"discriminator.norm": "batch"}, "discriminator.norm"),
    ({"data.size": 24}, "data.size = 24"), ({"loss.margin": 0.0}, "loss.margin"),
    ({"loss.content": -1.0}, "loss.content"),
    ({"data.train_scale": 2.0}, "train_scale"),
    ({"data.a": "/nowhere"}, "no such file")])
def test_a_config_that_makes_no_sense_is_refused(changes, named):
  with pytest.raises(errors.UserError, match=named):
    stage.stages(_config(**changes))


def test_a_tenth_of_a_is_held_out_at_most(tmp_path, monkeypatch):
  monkeypatch.setenv("JAXGAN_CACHE", str(tmp_path))
  domains = data.load(_config(**{"data.num_drawn": 20}))
  assert [len(x) for x in domains] == [18, 20, 2]
  assert not set(domains.a.names) & set(domains.held_out.names)
  one = data.load(_config(**{"data.num_drawn": 1}))
  assert [len(x) for x in one] == [1, 1, 0]
  assert one.judged is one.a
  batch = data.batches(_config(n_critic=2), domains)(3, 2)
  assert {x.shape for x in batch.values()} == {(2, 8, 32, 32, 3)}
  assert (batch["a"] != batch["b"]).any()


def test_small_pictures_are_enlarged_to_a_window(tmp_path):
  Image.fromarray(np.zeros((5, 9, 3), np.uint8)).save(tmp_path / "x.png")
  domains = data.load(_config(**{"data.a": str(tmp_path)}))
  assert domains.a.shapes.tolist() == [[32, 58]]


@pytest.fixture(scope="module")
def translator():
  nets = networks.networks(_config())
  variables = jax.jit(lambda: nets.generator.init(
      jax.random.key(1), jnp.zeros((1, 16, 16, 3)), train=False))()
  # Far from its first weights, so that tiles matter.
  variables = jax.tree.map(lambda x: 10 * x, variables)
  return translation.Translator(nets, variables, batch_size=5)


def test_every_tile_is_translated_for_itself(translator):
  """The picture of the borders `pad`, made tile by tile without any batches."""
  picture = np.asarray(_batch()["a"][0][:24, :])
  padded = np.pad(picture, ((0, 8), (0, 0), (0, 0)), "reflect")
  want = np.zeros_like(padded)
  for top in (0, 16):
    for left in (0, 16):
      one = (slice(top, top + 16), slice(left, left + 16))
      want[one] = translator.picture(padded[one])
  got = translator.picture(picture)
  assert got.std() > 5
  np.testing.assert_array_equal(got, want[:24])


def test_memory_of_translation_does_not_grow_with_the_picture(translator, tmp_path):
  def peak(height):
    with bands.create_picture(tmp_path / "x.png", height, 640, 3) as write:
      for _ in range(height // 32):
        write(np.zeros((32, 640, 3), np.uint8))
    tracemalloc.start()
    translation.translate_file(translator, tmp_path / "x.png", tmp_path / "y.png",
                               border="pad", scale=1.0)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most

  peak(32)  # Compiles.
  # 3.7 MB of pixels more; what Python itself keeps differs by a few hundred kB.
  assert peak(2_560) - peak(640) < 0.25 * (2_560 - 640) * 640 * 3


def _generate(run, *arguments):
  generate.main(["generate", f"--workdir={run}", *map(str, arguments)])


def _pixels(path):
  with Image.open(path) as image:
    return np.asarray(image)


@pytest.mark.parametrize("size", [(48, 32), (41, 50)])
@pytest.mark.parametrize("border", tiling.BORDERS)
def test_pictures_of_any_size_and_alpha(run, tmp_path, border, size):
  picture = np.random.default_rng(0).integers(0, 256, (*size, 4)).astype(np.uint8)
  Image.fromarray(picture).save(tmp_path / "x.png")
  _generate(run, "--task=translate", f"--input={tmp_path / 'x.png'}",
            f"--output={tmp_path / 'y.png'}", f"--border={border}")
  if border == "paper":
    picture = picture[:size[0] // 16 * 16, :size[1] // 16 * 16]
  got = _pixels(tmp_path / "y.png")
  assert got.shape == picture.shape
  np.testing.assert_array_equal(got[..., 3], picture[..., 3])
  assert (got[..., :3] != picture[..., :3]).any()


def test_a_folder_is_translated_but_for_what_cannot_be_read(run, tmp_path):
  source, output = tmp_path / "in", tmp_path / "out"
  (source / "more").mkdir(parents=True)
  output.mkdir()
  (output / "mine.txt").write_text("kept")
  Image.fromarray(_batch()["a"][0]).save(source / "x.jpg")
  Image.fromarray(_batch()["a"][1]).convert("L").save(source / "more" / "y.png")
  (source / "broken.png").write_bytes(b"x")
  _generate(run, "--task=translate", f"--input={source}", f"--output={output}",
            "--infer_scale=0.5")
  found = {str(x.relative_to(output)) for x in output.rglob("*") if x.is_file()}
  assert found == {"x.png", "more/y.png", "mine.txt"}
  assert _pixels(output / "x.png").shape == (16, 16, 3)


def test_a_strip_is_a_row_of_three(run, tmp_path):
  _generate(run, "--task=strip", f"--output={tmp_path / 's.png'}", "--num=2",
            "--size=32")
  assert _pixels(tmp_path / "s.png").shape == (64, 96, 3)


@pytest.mark.parametrize(("arguments", "named"), [
    (("--task=translate", "--output=y.png"), "--input"),
    (("--task=translate", "--output=y.png", "--input=gone.png"), "no such file"),
    (("--task=translate", "--output=y", "--input=x.png"), "no format"),
    (("--task=translate", "--output=x.png", "--input=x.png"), "itself"),
    (("--task=translate", "--output=y.png", "--input=x.png", "--border=pat"),
     "did you mean 'pad'"),
    (("--task=translate", "--output=y.png", "--input=x.png", "--border=paper"),
     "use pad"),
    (("--task=translate", "--output=y.png", "--input=x.png", "--infer_scale=0"),
     "infer_scale"),
    (("--task=translate", "--output=y.png", "--input=x.png", "--batch=0"), "--batch"),
    (("--task=translate", "--output=y", "--input=empty"), "empty"),
    (("--task=translate", "--output=y", "--input=bad"), "none of its 1 files"),
    (("--task=translate", "--output=x.png", "--input=bad"), "give a folder"),
    (("--task=translate", "--output=y.png", "--input=bad"), "give a folder"),
    (("--task=strip", "--output=y"), r"\.png"),
    (("--task=strip", "--output=y.png", "--num=0"), "--num=0"),
    (("--task=strip", "--output=y.png", "--size=9999"), "smaller")])
def test_mistakes_are_named_and_leave_nothing(run, tmp_path, monkeypatch, arguments,
                                              named):
  monkeypatch.chdir(tmp_path)
  for name in ("empty", "bad"):
    (tmp_path / name).mkdir()
  (tmp_path / "bad" / "x.png").write_bytes(b"x")
  Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save("x.png")
  with pytest.raises(errors.UserError, match=named):
    _generate(run, *arguments)
  left = {x.name for x in tmp_path.iterdir()} - {"y"}
  assert left == {"empty", "bad", "x.png"}


def test_evaluation_tells_joints_nearness_and_content(run, capsys):
  evaluate.main(["evaluate", f"--workdir={run}", "--num=6", "--size=32"])
  results = json.loads(capsys.readouterr().out)
  assert results["combo"] is True
  assert "32x32, tiles of 16; 6 real / 6 generated" in results["protocol"]
  for name in ("seam_ratio", "seam_lines", "seam_lines_real", "lpips_vgg16",
               "edge_correlation",
               "colour_shift", "fd_vgg16", "kid_vgg16", "saturation"):
    assert np.isfinite(results[name]), name
  with pytest.raises(errors.UserError, match="joints"):
    evaluate.main(["evaluate", f"--workdir={run}", "--num=6", "--size=16"])
