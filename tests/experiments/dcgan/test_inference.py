"""A trained DCGAN: samples, labels, walks, and evaluation without recompilation."""

import jax
import numpy as np
import pytest

from jaxgan import errors
from jaxgan.engine import workdir
from jaxgan.experiments.dcgan import inference, names, stage
from jaxgan.experiments.dcgan.tasks import interpolate, made, sample
from jaxgan.experiments.dcgan.tasks.interpolate import walk
from jaxgan.experiments.dcgan.tasks.sample import best


@pytest.fixture(scope="module")
def sampler(plain):
  setup, _, state = plain
  return inference.Sampler(setup.objective.nets, state.extra["ema"])


def test_an_image_of_a_seed_is_the_same_whatever_else_is_drawn(sampler):
  many = sampler(sampler.latents(7, 70))
  np.testing.assert_array_equal(sampler(sampler.latents(7, 3)), many[:3])
  np.testing.assert_array_equal(sampler(sampler.latents(7, 2, first=68)), many[68:])
  assert many.shape == (70, 12, 12, 3)
  assert many.dtype == np.uint8


def test_labels_are_drawn_as_in_the_data_or_chosen():
  frequencies = {"hair": [0.25, 0.75], "eyes": [0.5, 0.5], "mouth": [0.2, 0.8]}
  labels = inference.draw_labels(frequencies, 0, 4000, chosen={"eyes": 1})
  assert (labels["eyes"] == 1).all()
  np.testing.assert_allclose(labels["hair"].mean(), 0.75, atol=0.03)
  np.testing.assert_allclose(labels["mouth"].mean(), 0.8, atol=0.03)
  # Labels of image i of a seed do not depend on what else is drawn.
  part = inference.draw_labels(frequencies, 0, 3, first=50)
  for name in ("hair", "mouth"):
    np.testing.assert_array_equal(part[name], labels[name][50:53])


@pytest.mark.parametrize(
  ("text", "named"),
  [
    ("hiar=blue", "did you mean 'hair'"),
    ("hair=bleu", "did you mean 'blue'"),
    ("hair", "no value ''"),
  ],
)
def test_unknown_labels_suggest_the_nearest(text, named):
  with pytest.raises(errors.UserError, match=named):
    made.parse_labels(text, {"hair": ["red", "blue"]})


def test_labels_of_an_unconditional_run():
  with pytest.raises(errors.UserError, match="without labels"):
    made.parse_labels("hair=red", {})
  assert made.parse_labels("", {}) == {}


def test_search_keeps_the_highest_scores_of_all_batches():
  random = np.random.default_rng(0)
  images = random.permutation(100).astype(np.uint8)
  batches = [
    made.Made(part, {"tens": part // 10}, [f"0:{x}" for x in part])
    for part in np.split(images, 10)
  ]
  critic = lambda images, labels: images.astype(np.float32)
  found = best(iter(batches), critic, 7)
  np.testing.assert_array_equal(found.images, np.arange(99, 92, -1))
  assert found.names == [f"0:{x}" for x in found.images]
  np.testing.assert_array_equal(found.labels["tens"], found.images // 10)
  everything = best(iter(batches), critic, 100)
  np.testing.assert_array_equal(everything.images, np.arange(99, -1, -1))


@pytest.mark.parametrize(
  ("task", "options", "named"),
  [
    (sample, {"num": 10**9}, r"sheet of \d+x\d+ pixels"),
    (sample, {"num": 10**9, "output": "x", "screen": True}, "in memory"),
    (sample, {"num": 10**9, "output": "x", "search": 10**10}, "in memory"),
    (sample, {"seed": -1}, "--seed=-1"),
    (sample, {"columns": -1}, "--columns=-1"),
    (interpolate, {"num": 10**9}, r"sheet of \d+x\d+ pixels"),
    (interpolate, {"frames": 10**9, "output": "x.gif"}, "too much for one .gif"),
    (interpolate, {"seed": -1}, "--seed=-1"),
    (interpolate, {"fps": 0.0}, "--fps=0"),
  ],
)
def test_what_takes_too_much_is_refused_before_any_work(
  make_config, tmp_path, task, options, named
):
  run = workdir.FolderRun(tmp_path, make_config(), {"12x12": {"classes": {}}})
  output = tmp_path / options.pop("output", "x.png")
  with pytest.raises(errors.UserError, match=named):
    task(run, output, **options)
  assert not list(tmp_path.iterdir())


def test_a_walk_passes_through_its_stops():
  stops = np.eye(3)
  open_walk = list(walk(iter(stops), 4, loop=False))
  loop = list(walk(iter(stops), 4, loop=True))
  assert (len(open_walk), len(loop)) == (9, 12)
  np.testing.assert_allclose(open_walk[::4], stops, atol=1e-12)
  np.testing.assert_allclose(loop[::4], stops, atol=1e-12)
  np.testing.assert_allclose(loop[10], names.slerp(stops[2], stops[0], 0.5))


def test_slerp_keeps_the_norm_and_meets_both_ends():
  a, b = np.array([3.0, 0.0]), np.array([0.0, 3.0])
  np.testing.assert_allclose(names.slerp(a, b, 0.0), a, atol=1e-12)
  np.testing.assert_allclose(names.slerp(a, b, 1.0), b, atol=1e-12)
  np.testing.assert_allclose(
    names.slerp(a, b, 1 / 3), [3 * np.cos(np.pi / 6), 3 * np.sin(np.pi / 6)]
  )
  np.testing.assert_allclose(names.slerp(a, a, 0.3), a)


def test_evaluation_in_training_compiles_once(make_config, evaluate_both):
  (only,) = stage.stages(make_config())
  state = jax.jit(lambda: only.init(jax.random.key(0), None))()
  other = jax.tree.map(lambda x: x + 1, state.extra["ema"])
  other = state.replace(extra=state.extra | {"ema": other})
  first, second = evaluate_both(only, state, other)
  assert first["kid_vgg16"] != second["kid_vgg16"]
