"""The toy can be imported, and its programs are compiled once for all tests."""
import logging
import pathlib
import sys

import jax
import pytest

from jaxgan.engine import sharding

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
def one_device(monkeypatch):
  """Runs see the first device only, where results are the same to the last bit."""
  mesh = jax.make_mesh((1,), ("data",), axis_types=(jax.sharding.AxisType.Auto,),
                       devices=jax.devices()[:1])
  monkeypatch.setattr(sharding, "make_mesh", lambda: mesh)


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
