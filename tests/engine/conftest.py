"""The toy's programs are compiled once for all tests; log lines can be read."""

import logging
import pathlib

import jax
import pytest

from tests.engine import toy


@pytest.fixture(autouse=True, scope="session")
def _keep_small_programs():
  """The toy's compile too fast to be kept otherwise."""
  name = "jax_persistent_cache_min_compile_time_secs"
  before = getattr(jax.config, name)
  jax.config.update(name, 0.0)
  yield
  jax.config.update(name, before)


@pytest.fixture
def logged():
  """Lines that the engine logs, as they come; those of the libraries are left out."""
  lines = []
  handler = logging.Handler()
  handler.emit = lambda record: lines.append(record.getMessage())
  handler.addFilter(lambda record: "engine" in pathlib.Path(record.pathname).parts)
  logger = logging.getLogger("absl")
  before = logger.level
  logger.setLevel(logging.INFO)
  logger.addHandler(handler)
  yield lines
  logger.removeHandler(handler)
  logger.setLevel(before)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, one_device):
  """The state after an uninterrupted run in single steps, and its workdir."""
  workdir = tmp_path_factory.mktemp("whole")
  return toy.run(workdir, every=(2, 0, 0)), workdir
