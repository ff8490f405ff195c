"""Eight virtual CPU devices, programs that compile fast, and a cache of the tests' own.

Most of the suite's time is XLA's, which compiles many small programs that run once. So
it takes cheap ways here: no LLVM optimization, and no fusion emitters, which cost more
than everything else. To test what users run instead, at four times the processor time:

  JAX_DISABLE_MOST_OPTIMIZATIONS=0 XLA_FLAGS=--xla_cpu_use_fusion_emitters=true pytest
"""

import gc
import importlib
import importlib.metadata
import os
import pathlib
import shutil
import tempfile

import pytest

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
_FLAGS = ["--xla_force_host_platform_device_count=8"]
if importlib.metadata.version("jaxlib").startswith(("0.7.", "0.8.", "0.9.", "0.10.")):
  # XLA stops at a flag that it does not know, and later ones do not know the first.
  _FLAGS += [
    "--xla_cpu_use_fusion_emitters=false",
    "--xla_cpu_parallel_codegen_split_count=1",
  ]
# The caller's flags are the last, which count.
os.environ["XLA_FLAGS"] = " ".join((*_FLAGS, os.environ.get("XLA_FLAGS", "")))
os.environ.setdefault(
  "JAX_COMPILATION_CACHE_DIR",
  str(pathlib.Path("~/.cache/jaxgan/xla-tests").expanduser()),
)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
gc.set_threshold(100_000, 20, 100)  # Tracing makes many objects that live: 8 % faster.
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


@pytest.fixture(scope="session")
def gan_run(tmp_path_factory):
  """Folder of a conditional GAN on 12x12 drawn faces, trained for four steps."""
  from jaxgan import runner

  config = importlib.import_module("configs.dcgan_anime_conditional").get_config("tiny")
  config.data.size = 12
  config.generator.update(width=2)
  config.every.evaluate = 0
  workdir = tmp_path_factory.mktemp("run")
  runner.train(config, workdir, "dcgan_anime_conditional:tiny")
  return workdir


@pytest.fixture
def exported(tmp_path):
  """`exported(folder, ...)` writes a run as a model file, and gives its path."""
  from jaxgan import export

  def write(folder, *arguments):
    path = tmp_path / "models" / "model.safetensors"
    export.main(["export", f"--workdir={folder}", f"--output={path}", *arguments])
    return path

  return write


@pytest.fixture(scope="session")
def chromium():
  """A headless browser; one for all tests, for a process drives one at a time."""
  playwright = pytest.importorskip("playwright.sync_api")
  path = next(filter(None, map(shutil.which, BROWSERS)), None)
  if path is None:
    pytest.skip("no browser is installed: apt-get install chromium")
  with playwright.sync_playwright() as driver:
    browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
    yield browser
    browser.close()
