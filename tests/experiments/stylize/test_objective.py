"""Losses of batches of several styles, their running means and their factors."""

import jax
import numpy as np
import pytest

from jaxgan.experiments.shared.criterion import Criterion
from jaxgan.experiments.stylize import networks, objective, stage


@pytest.fixture(scope="module")
def losses(run, make_config):
  """(images, labels) to the losses of the trained network."""
  (one,) = stage.stages(make_config())
  trained = networks.restore(run)
  found = objective.create_objective(run.config, trained.names)
  compiled = jax.jit(found.losses)
  params = {networks.NETWORK: trained.params}
  return lambda images, labels: jax.device_get(
    compiled(params, images, labels, one.constants)
  )


def test_each_image_of_a_batch_has_the_loss_of_its_own_style(losses):
  images = np.random.default_rng(0).uniform(size=(4, 16, 16, 3)).astype(np.float32)
  labels = np.array([0, 1, 3, 0])
  mixed = losses(images, labels)
  for term, value in losses(images[::-1], labels[::-1]).items():
    np.testing.assert_allclose(mixed[term], value[::-1], rtol=1e-4)
  same = losses(images, np.zeros_like(labels))
  for term, value in same.items():
    np.testing.assert_allclose(mixed[term][[0, 3]], value[[0, 3]], rtol=1e-4)
    assert (abs(mixed[term] / value - 1)[[1, 2]] > 1e-3).all()


def test_labels_take_all_styles_in_turn():
  one = objective.Objective(None, Criterion({}, {}), tuple("abcde"), first=2)
  starts = set()
  for seed in range(20):
    labels = np.asarray(one.labels(jax.random.key(seed), 6))
    assert set(labels[:3]) == {2, 3, 4}
    np.testing.assert_array_equal(labels[:3], labels[3:])
    starts.add(labels[0])
  assert starts == {2, 3, 4}


def test_running_means_hold_only_the_styles_of_batches():
  running = {"count": np.zeros(3), "totals": {"a": np.zeros(3)}}
  running = objective.update_sums(
    running, {"a": np.array([2.0, 4.0, 7.0])}, np.array([0, 0, 2])
  )
  mean = running["totals"]["a"] / np.maximum(running["count"], 1e-6)
  np.testing.assert_allclose(mean, [3, 0, 7])
  after = objective.update_sums(running, {"a": np.array([1.0])}, np.array([0]))
  np.testing.assert_allclose(after["totals"]["a"][2] / after["count"][2], 7)
  np.testing.assert_allclose(after["totals"]["a"][0], 0.95 * 6 + 1)


def test_balance_and_coefficients():
  grams = {"l": np.stack([np.full((2, 2), 1.0), np.full((2, 2), 3.0)])}
  factors = objective.scales(grams, np.array([1, 2], np.float32), balance=True)
  np.testing.assert_allclose(factors["l"], [5, 2 * 5 / 9])  # Powers 1 and 9, mean 5.
  factors = objective.scales(grams, np.array([1, 2], np.float32), balance=False)
  np.testing.assert_array_equal(factors["l"], [1, 2])
