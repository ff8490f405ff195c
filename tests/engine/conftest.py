"""The toy can be imported, and its programs are compiled once for all tests."""

import logging
import pathlib
import sys

import jax
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))


@pytest.fixture(autouse=True, scope="session")
def _keep_small_programs():
  """The toy's are below the size that is worth keeping otherwise."""
  name = "jax_persistent_cache_min_compile_time_secs"
  before = getattr(jax.config, name)
  jax.config.update(name, 0.0)
  yield
  jax.config.update(name, before)


@pytest.fixture
def said():
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
