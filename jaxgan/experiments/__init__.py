"""Families of experiments, and what makes a package here one of them.

`config.experiment` names a family: the package `jaxgan.experiments.NAME`, the only
reader of its configs. `jaxgan.runner` finds it, and the verbs use it by way of the
contract below alone; `docs/add_a_family.md` builds one step by step. `shared` is no
family: what several of them use lies there.
"""

from collections.abc import Callable, Iterator, Mapping
import pathlib
from typing import Any, Protocol, runtime_checkable

import ml_collections

from jaxgan.engine import core, workdir

Config = ml_collections.ConfigDict
Task = Callable[..., pathlib.Path]


@runtime_checkable
class Family(Protocol):
  """What a family must define.

  Attributes:
    TASKS: {name: task} of what users do with a trained run. A task is a function
      `(run, output, *, option=default, ...) -> path written`: its keyword-only
      parameters are command-line options, typed by their defaults (bool, int, float or
      str) and explained by its docstring. `generate` runs and lists them.
  """

  TASKS: Mapping[str, Task]

  def stages(self, config: Config) -> list[core.Stage]:
    """What `main` trains and `benchmark` times: the stages, in order.

    Reads the data that the config names.

    Raises:
      UserError: for what is wrong with the config or its data.
    """

  def evaluate(self, run: workdir.Run, **options: Any) -> Iterator[tuple[str, Any]]:
    """Yields (name, value) of what `evaluate` says of a run; options as a task's."""


class Extras(Protocol):
  """What a family may define besides; `extra` gives what stands for it if not.

  Attributes:
    FREE: config fields that may differ when a run is continued, such as "num_steps",
      because no step depends on them. Those of `workdir.ALWAYS_FREE` are free anyhow.
    RENAMED: {old field: new field, or "" if it is gone} of earlier versions' configs.
      Who opens a run that has one is told.
  """

  FREE: tuple[str, ...] = ()
  RENAMED: Mapping[str, str] = {}

  def check(self, config: Config) -> None:
    """Raises UserError for all that a config alone can tell, before data are read."""

  def complete(self, config: Config) -> Config:
    """The config with what it takes from another run; called before `check`."""
    return config

  def parts(self, config: Config) -> list[core.Part] | None:
    """Trainings that make up the run, if they are not just `stages`; or None."""
    return None


def extra(family: Family, name: str) -> Any:
  """A member of `Extras`: the family's own, or the default."""
  default = getattr(Extras, name)
  if callable(default):
    default = lambda config, method=default: method(None, config)
  return getattr(family, name, default)
