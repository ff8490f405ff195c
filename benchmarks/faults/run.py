"""A small training of a family in a process, which can be started and watched.

Most starts are forked from a process that has imported the program already, which takes
most of a start's time. Those that need an environment of their own run the command.
"""

import multiprocessing
import os
import pathlib
import pkgutil
import subprocess
import sys
import time
from typing import NamedTuple

import jax
import numpy as np
from PIL import Image

from jaxgan import errors, experiments
from jaxgan import main as program
from jaxgan.engine import workdir as workdirs

FAMILIES = {  # Config and options; each run saves several times.
  "dcgan": ["dcgan_anime:tiny", "--config.num_steps=8", "--config.data.num_drawn=64"],
  "consingan": ["consingan:tiny"],
  "singan": ["singan:tiny"],
  "stylize": ["stylize:tiny", "--config.num_steps=8"],
  "gatys": ["gatys:tiny", "--config.num_steps=8"],
  "siamese": ["siamese:tiny", "--config.num_steps=8"],
  "cyclegan": ["cyclegan:tiny", "--config.num_steps=8"],
  "cut": ["cut:tiny", "--config.num_steps=8"],
  "patches": ["patches:tiny"],
  "folder": [
    "dcgan_anime:tiny",
    "--config.num_steps=8",
    "--config.data.path={folder}/data",
    "--config.data.holdout=16",
  ],
}
OFTEN = ["--config.every.checkpoint=1", "--config.every.log=1", "--config.keep=3"]
# What a run says that goes on, but not to the end of one that was left alone.
CHANGED = "have changed since this run began"
LIMIT = 1800.0  # Seconds that a start may take before it counts as hanging.
_PACKAGES = pkgutil.iter_modules(experiments.__path__, "jaxgan.experiments.")
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
  ["jaxgan.engine.train", *(package.name for package in _PACKAGES)]
)


class Forked:
  """A start in a process forked from the one that has imported the program.

  It is used as a `subprocess.Popen` is.

  Args:
    command: what follows `python -m jaxgan.main`.
    environment: all of the process's variables.
    log: the file that its output is written to.
  """

  def __init__(
    self, command: list[str], environment: dict[str, str], log: pathlib.Path
  ):
    self._process = _FORKS.Process(target=_train, args=(command, environment, log))
    self._process.start()

  @property
  def returncode(self) -> int | None:
    return self._process.exitcode

  def poll(self) -> int | None:
    """The exit status, or None while it runs."""
    return self.returncode

  def wait(self, timeout: float | None = None) -> None:
    """Waits for the end, or raises `subprocess.TimeoutExpired`."""
    self._process.join(timeout)
    if self.returncode is None:
      raise subprocess.TimeoutExpired("jaxgan.main", timeout)

  def send_signal(self, number: int) -> None:
    """Sends a signal to it."""
    os.kill(self._process.pid, number)

  def kill(self) -> None:
    """Ends it at once."""
    self._process.kill()


def _train(command: list[str], environment: dict[str, str], log: pathlib.Path) -> None:
  os.environ.clear()
  os.environ.update(environment)
  with log.open("w") as file:
    for descriptor in (1, 2):
      os.dup2(file.fileno(), descriptor)
  sys.argv = ["jaxgan.main", *command]
  errors.run(program.main)


class Ended(NamedTuple):
  """How a start ended: its exit status, seconds, and what it wrote to the log."""

  status: int
  seconds: float
  log: str

  @property
  def clean(self) -> bool:
    """No traceback; what stopped Python before our first line is not ours to tell."""
    return "Traceback" not in self.log or "jaxgan: " not in self.log

  @property
  def line(self) -> str:
    """The one line that says what was wrong; "" if there is none or a traceback."""
    lines = self.log.splitlines()
    errors = [x for x in lines if x.startswith("error: ") or CHANGED in x]
    return errors[0] if len(errors) == 1 and self.clean else ""


class Run:
  """A training in a folder, which can be started, watched and broken.

  Args:
    family: key of `FAMILIES`.
    folder: of the run, its caches, its data if it reads any, and its log.
    caches: where it keeps what can be made again.
  """

  def __init__(self, family: str, folder: pathlib.Path, caches: pathlib.Path):
    self.family, self.folder = family, folder
    self.workdir = folder / "run"
    # No other cache of compiled programs, which would not be copied and damaged.
    own = {"JAXGAN_CACHE": str(caches), "JAX_COMPILATION_CACHE_DIR": ""}
    self._environment = os.environ | own
    folder.mkdir(parents=True, exist_ok=True)
    if any("{folder}" in option for option in FAMILIES[family]):
      write_images(folder / "data")

  def start(self, **environment: str) -> Forked | subprocess.Popen:
    """Starts or continues the training in a process of its own.

    Args:
      **environment: variables for it alone.
    """
    config, *options = FAMILIES[self.family]
    command = [
      f"--config={config}",
      f"--workdir={self.workdir}",
      *OFTEN,
      *(option.format(folder=self.folder) for option in options),
    ]
    log_file = self.folder / "log"
    log_file.write_bytes(b"")  # A start may be killed before it opens it.
    if not environment:
      return Forked(command, self._environment, log_file)
    with log_file.open("w") as log:
      return subprocess.Popen(
        [sys.executable, "-m", "jaxgan.main", *command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=self._environment | environment,
      )

  def wait(self, process: Forked | subprocess.Popen) -> Ended:
    """Waits for the end; what hangs is ended and counts as status -9."""
    begun = time.monotonic()
    try:
      process.wait(LIMIT)
    except subprocess.TimeoutExpired:
      process.kill()
      process.wait()
    log = (self.folder / "log").read_text(errors="replace")
    return Ended(process.returncode, time.monotonic() - begun, log)

  def result(self) -> dict[str, np.ndarray]:
    """All arrays of the last checkpoint."""
    run = workdirs.load(self.workdir, "latest")
    tree = workdirs.restore_matching(run, "params.*", "opt.*", "extra.*")
    leaves = jax.tree.leaves_with_path(tree)
    return {jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in leaves}


def write_images(folder: pathlib.Path, count: int = 64) -> None:
  """Writes noise to train on, the same each time."""
  folder.mkdir()
  pixels = np.random.RandomState(0).randint(0, 256, (count, 40, 40, 3), np.uint8)
  for i, image in enumerate(pixels):
    Image.fromarray(image).save(folder / f"{i:02}.png")


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
  """Whether two results are equal to the bit."""
  return a.keys() == b.keys() and all(
    x.dtype == b[name].dtype and x.tobytes() == b[name].tobytes()
    for name, x in a.items()
  )
