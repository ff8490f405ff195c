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
def count_compiled(compiled):
  """Calls a function, and says how many programs were compiled for it."""

  def count(function):
    before = len(compiled)
    function()
    return len(compiled) - before

  return count
