"""Eight virtual CPU devices and a persistent compilation cache for every test."""
import os
import pathlib

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=8")
CACHE = pathlib.Path(os.environ.get("JAXGAN_CACHE") or "~/.cache/jaxgan").expanduser()
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(CACHE / "xla-tests"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
