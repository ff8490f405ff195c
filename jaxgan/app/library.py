"""The models of the page: which there are, what they do, and the few kept in memory."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
import pathlib
import threading
from typing import Any, NamedTuple

from absl import logging
import jax

from jaxgan import experiments, options, pretrained, runner
from jaxgan.engine import workdir
from jaxgan.errors import UserError, nearest

NEEDED = 2**30  # Bytes that must be free before one more model is loaded.


class Model(NamedTuple):
  """What the page knows of a model without holding it.

  Attributes:
    name: as it is shown, and as `runner.open_run` takes it.
    tasks: what it does, by name.
    choices: values of the tasks' options, see `experiments.Extras.choices`.
  """

  name: str
  tasks: Mapping[str, experiments.Task]
  choices: Mapping[str, Sequence[str] | options.Span]


class Held:
  """A run whose items are read once; see `workdir.Run`."""

  def __init__(self, run: workdir.Run):
    self._run, self._items = run, {}

  def __getattr__(self, name: str) -> Any:
    return getattr(self._run, name)

  def restore(self, name: str) -> Any:
    """One item of the checkpoint, read at the first call."""
    if name not in self._items:
      self._items[name] = self._run.restore(name)
    return self._items[name]


def free_memory() -> int:
  """Bytes that programs can still take; a large number where it is not told."""
  try:
    lines = pathlib.Path("/proc/meminfo").read_text().splitlines()
  except OSError:
    return 2**62
  found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
  return 1024 * int(found[0]) if found else 2**62


class Library:
  """The models that the page offers.

  Args:
    names: of runs, as `runner.open_run` takes them.
    free: tells how many bytes of memory are free.

  Raises:
    UserError: one of them is none.
  """

  def __init__(self, names: Iterable[str], free: Callable[[], int] = free_memory):
    self._free, self._lock = free, threading.Lock()
    self._held: OrderedDict[str, Held] = OrderedDict()
    # Never changed, but replaced: other threads may be going through it.
    self._models: Mapping[str, Model] = {}
    for name in names:
      self.add(name)

  def add(self, name: str) -> None:
    """Offers one more model, unless it is offered already."""
    if name in self._models:
      return
    family, run = runner.open_run(name)
    model = Model(name, family.TASKS, runner.choices(family, run))
    with self._lock:
      self._models = {**self._models, name: model}

  def __getitem__(self, name: str) -> Model:
    return self._models[name]

  def task(self, name: str, task: str) -> experiments.Task:
    """A task of a model. Raises UserError if there is none."""
    models = self._models
    if name not in models:
      raise UserError(f"no model {name}: {nearest(name, models)}")
    known = models[name].tasks
    if task not in known:
      raise UserError(f"{name} has no task {task}: {nearest(task, known)}")
    return known[task]

  def with_tasks(self, *tasks: str) -> list[str]:
    """Names of the models that have all of some tasks."""
    return [
      name for name, model in self._models.items() if set(tasks) <= set(model.tasks)
    ]

  def run(self, name: str) -> workdir.Run:
    """A model's run, loaded unless it is in memory.

    Where memory is short, those that were not used for the longest time go first.
    """
    with self._lock:
      if name not in self._held:
        self._make_room()
        self._held[name] = Held(runner.open_run(name)[1])
      self._held.move_to_end(name)
      return self._held[name]

  def _make_room(self) -> None:
    while self._held and self._free() < NEEDED:
      name, _ = self._held.popitem(last=False)
      jax.clear_caches()  # Its programs hold memory, too.
      logging.info("memory is short: %s is loaded again when it is needed", name)


def shipped() -> list[str]:
  """Names of the models that come with the program."""
  return [pretrained.PREFIX + name for name in pretrained.registry()]
