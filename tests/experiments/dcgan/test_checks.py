"""What is wrong with a DCGAN's config is said before any data are read."""

import importlib

import numpy as np
import pytest

from jaxgan import errors, runner
from jaxgan.data import packed
from jaxgan.experiments.dcgan import data, evaluation, networks

RELATIVISTIC = {"loss.name": "relativistic_hinge", "loss.smoothing": 0.0}


@pytest.mark.parametrize(
  ("changes", "named"),
  [
    ({"network": "resnet"}, r"config\.network = 'resnet'"),
    ({"network": "mlp"}, "discriminator|generator"),
    ({"dtype": "float"}, "did you mean 'float32'"),
    ({"loss.name": "hing"}, "did you mean 'hinge'"),
    ({"loss.name": "hinge"}, "smoothing"),
    ({"loss.r1": 1.0}, "norm"),
    ({"loss.r1": -1.0}, r"loss\.r1 = -1"),
    ({"loss.augment": "colour"}, r"loss\.augment = 'colour'"),
    ({"generator.distribution": "gauss"}, r"generator\.distribution"),
    ({"generator.initializer": "torhc"}, "did you mean 'torch'"),
    ({"generator.latents": 0}, r"generator\.latents = 0"),
    ({"discriminator.norm": "instance"}, r"discriminator\.norm"),
    ({"discriminator.dropout": 2.0}, r"discriminator\.dropout = 2"),
    ({"generator.layers": (((14, 14), 4, 4, 2, "SAME"),)}, r"data\.size = 12.*layers"),
    ({"updates_per_step.generator": 0}, r"updates_per_step\.generator = 0"),
    ({"optimizer.generator.b1": 1.5}, r"optimizer\.generator\.b1"),
    ({"optimizer.generator.b2": 1.0}, r"b2 = 1\.0 must be from 0 to 0\.99999"),
    ({"optimizer.decay_begin": 8, "optimizer.decay_end": 8}, "later step .* = 8, wh"),
    ({"optimizer.decay_begin": 8}, "decay_end = 0 must be a later step"),
    ({"optimizer.decay_end": -1}, r"optimizer\.decay_end = -1"),
    ({"optimizer.decay_end": 1}, "num_steps = .* to 1 or less"),
    ({"optimizer.decay_end": 8, "optimizer.rule": True}, "choose one of them"),
    ({"data.size": 4}, r"data\.size = 4"),
    ({"data.size": 0}, r"data\.size = 0"),
    ({"data.channels": 2}, r"data\.channels = 2"),
    ({"data.holdout": 5}, r"data\.holdout = 5.* 6 or more"),
    ({"data.holdout": 16}, "leaves none"),
    ({"data.accumulate": 0}, r"data\.accumulate = 0"),
    ({"data.accumulate": 3}, r"data\.accumulate = 3: .* 24, so many micro-batches"),
    ({"data.accumulate": 2, **RELATIVISTIC}, "mean of all others"),
    ({"data.labels": "/nowhere.csv"}, "no such file"),
    ({"evaluate.num": 5}, r"evaluate\.num = 5"),
  ],
)
def test_a_config_that_makes_no_sense_is_refused(make_config, changes, named):
  with pytest.raises(errors.UserError, match=named):
    runner.prepared(make_config(**changes))


@pytest.mark.parametrize("name", ["dcgan_anime", "gan_anime"])
def test_rates_fall_to_0_at_the_end_of_however_many_steps(name):
  get_config = importlib.import_module(f"configs.{name}").get_config
  for config in (get_config(), get_config("preview")):
    for num_steps in (config.num_steps, 100):
      config.num_steps = num_steps
      optimizer = runner.prepared(config).optimizer
      assert (optimizer.decay_begin, optimizer.decay_end) == (0, num_steps)
    config.optimizer.decay_end = 200  # Stays as it is set, and alone.
    assert config.num_steps == 100


@pytest.mark.parametrize("name", ["dcgan_anime", "gan_anime"])
def test_the_preview_is_shorter_and_has_the_full_networks(name):
  get_config = importlib.import_module(f"configs.{name}").get_config
  config, full = get_config("preview"), get_config()
  assert config.num_steps < full.num_steps
  assert (config.generator, config.discriminator) == (
    full.generator,
    full.discriminator,
  )


def test_published_experiments_have_no_preview():
  get_config = importlib.import_module("configs.dcgan_anime_exp4").get_config
  with pytest.raises(ValueError, match="'preview' is not known: full or tiny"):
    get_config("preview")
  assert get_config().optimizer.decay_end == 0


def test_a_size_of_no_pixels_is_named(make_config):
  config = make_config()
  with config.ignore_type():
    config.data.size = (0, 0)
  with pytest.raises(errors.UserError, match=r"config\.data\.size = \(0, 0\)"):
    runner.prepared(config)


def test_dense_networks_take_no_labels():
  config = importlib.import_module("configs.mlp_mnist").get_config("tiny")
  runner.prepared(config)
  config.conditional = True
  with pytest.raises(errors.UserError, match="conditional"):
    runner.prepared(config)


def test_options_of_another_network_are_named():
  config = importlib.import_module("configs.mlp_mnist").get_config("tiny")
  config.network = "dcgan"
  with pytest.raises(errors.UserError, match=r"missing for config\.network = 'dcgan'"):
    runner.prepared(config)


def test_too_few_images_to_evaluate_with_are_told_before_training(make_config):
  config = make_config()
  images = packed.Packed(np.zeros((5, 12, 12, 3), np.uint8))
  nets = networks.create_networks(config, {})
  with pytest.raises(errors.UserError, match=r"5 images are .*every\.evaluate"):
    evaluation.in_training(config, nets, images, {})
  config.every.evaluate = 0
  evaluation.in_training(config, nets, images, {})


def test_thumbnails_are_means_of_cells():
  image = np.zeros((1, 16, 24, 1), np.uint8)
  image[0, :2, :3] = 255  # Exactly the first of 8x8 cells.
  small = data.thumbnails(image)
  np.testing.assert_allclose(small[0, 0], 1.0)
  assert small[0, 1:].max() == 0.0


def test_frequencies_leave_out_unknown_labels():
  images = packed.Packed(
    np.zeros((5, 2, 2, 3), np.uint8),
    {"hair": np.array([0, 1, 1, -1, 1])},
    {"hair": ("red", "blue", "green")},
  )
  assert data.frequencies_of(images) == {"hair": [0.25, 0.75, 0.0]}
