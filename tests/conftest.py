"""Eight virtual CPU devices, a cache of the tests' own, compiled programs kept."""
import os
import pathlib
import tempfile

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=8")
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR",
                      str(pathlib.Path("~/.cache/jaxgan/xla-tests").expanduser()))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
_CACHE = tempfile.TemporaryDirectory(prefix="jaxgan-tests-")
os.environ["JAXGAN_CACHE"] = _CACHE.name
