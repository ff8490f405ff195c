"""What tests of several families use."""

import jax
import pytest


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
