"""Eight virtual CPU devices, a cache of the tests' own, compiled programs kept."""

import os
import pathlib
import tempfile

import pytest

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=8")
os.environ.setdefault(
  "JAX_COMPILATION_CACHE_DIR",
  str(pathlib.Path("~/.cache/jaxgan/xla-tests").expanduser()),
)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
_CACHE = tempfile.TemporaryDirectory(prefix="jaxgan-tests-")
os.environ["JAXGAN_CACHE"] = _CACHE.name


@pytest.fixture(scope="module")
def one_device():
  """A module's runs see the first device only, where results are the same to the last
  bit and batches may be of any size.
  """
  from jaxgan.engine import sharding  # JAX reads the environment when it is imported.

  make_mesh = sharding.make_mesh
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(sharding, "make_mesh", lambda count=1: make_mesh(count))
    yield
