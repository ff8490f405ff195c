"""What tests of several families use."""

import importlib
import math

import jax
import ml_collections
import numpy as np
import pytest

from jaxgan import runner
from jaxgan.engine import checkpoints, model_file


@pytest.fixture
def untrained():
  """`untrained(name, **fields)` is the run of a config as if it had just ended.

  Its weights are random numbers that keep the size of features about the same. Its
  fields are those of `tiny`, but for those that are given.
  """
  generator = np.random.default_rng(0)

  def fill(shape):
    if not np.issubdtype(shape.dtype, np.floating):
      return np.zeros(shape.shape, shape.dtype)
    if len(shape.shape) < 2:
      return generator.uniform(0.5, 1.5, shape.shape).astype(shape.dtype)
    kernel = generator.normal(0, math.prod(shape.shape[:-1]) ** -0.5, shape.shape)
    return kernel.astype(shape.dtype)

  def make(name, **changed):
    config = importlib.import_module(f"configs.{name}").get_config("tiny")
    config.update_from_flattened_dict(changed)
    stages = runner.find_family(config.experiment).stages(config)
    state = None
    for each in stages:
      state = jax.eval_shape(each.init, jax.random.key(0), state)
    items = {
      name: jax.tree.map(fill, item["tree"])
      for name, item in checkpoints.to_items(state).items()
      if name != "clock" and not name.startswith("opt.")
    } | {name: {} for name in ("clock", "opt.generator")}
    facts = {each.name: dict(each.facts) for each in stages}
    config = ml_collections.ConfigDict(config.to_dict())
    return model_file.FileRun("untrained", config, facts, 1, items, {})

  return make


@pytest.fixture(scope="session")
def compiled():
  """Names of all programs compiled from now on; JAX cannot unregister a listener."""
  names = []

  def listen(name, seconds, **_):
    if name.endswith("backend_compile_duration"):
      names.append(name)

  jax.monitoring.register_event_duration_secs_listener(listen)
  return names


@pytest.fixture
def evaluate_both(compiled):
  """Evaluates two states of a stage; programs are compiled for the first alone."""

  def evaluate(stage, *states):
    results, counts = [], [len(compiled)]
    for state in states:
      results.append(dict(stage.evaluate(state)))
      counts.append(len(compiled))
    assert counts[0] < counts[1] == counts[2]
    return results

  return evaluate
