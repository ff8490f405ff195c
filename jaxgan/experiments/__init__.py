"""Families of experiments, and what makes a package here one of them.

`config.experiment` names a family: the package `jaxgan.experiments.NAME`, the only
reader of its configs. `jaxgan.runner` finds it, and the verbs use it through the
contract below alone; `docs/add_a_family.md` builds one step by step. `shared` is no
family: it holds what several of them use.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
import pathlib
from typing import Any, Protocol, runtime_checkable

import ml_collections

from jaxgan.engine import core, workdir
from jaxgan.experiments.shared import exportable
from jaxgan.options import Span

Config = ml_collections.ConfigDict
Task = Callable[..., pathlib.Path]
Export = Callable[..., exportable.Exportable]


@runtime_checkable
class Family(Protocol):
  """What a family must define.

  Attributes:
    TASKS: {name: task}, what users do with a trained run; `generate` lists and runs
      them. A task is a function `(run, output, *, option=default, ...) -> path written`
      whose keyword-only parameters are command-line options, typed by their defaults
      (bool, int, float or str) and explained by its docstring.
  """

  TASKS: Mapping[str, Task]

  def stages(self, config: Config) -> list[core.Stage]:
    """What `main` trains and `benchmark` times: the stages, in order.

    Reads the data that the config names.

    Raises:
      UserError: for what is wrong with the config or its data.
    """

  def evaluate(self, run: workdir.Run, **options: Any) -> Iterator[tuple[str, Any]]:
    """Yields (name, value), the results of the verb `evaluate`; options as a task's."""


class Extras(Protocol):
  """What a family may define; `extra` supplies the defaults.

  Attributes:
    FREE: config fields that may differ when a run is continued, such as "num_steps",
      because no step depends on them; those of `workdir.ALWAYS_FREE` always may.
    RENAMED: {old field: new field, or "" if it is gone} since earlier versions. A run
      whose config has an old one is refused, with a line that tells the new one.
    EXPORTS: {name of a task: function `(run, *, option=default, ...) -> Exportable`},
      what of it can run without this program; options as a task's.
  """

  FREE: tuple[str, ...] = ()
  RENAMED: Mapping[str, str] = {}
  EXPORTS: Mapping[str, Export] = {}

  def check(self, config: Config) -> None:
    """Raises UserError for whatever is wrong with the config, before data are read."""

  def choices(self, run: workdir.Run) -> Mapping[str, Sequence[str] | Span]:
    """{option of tasks: the values that it takes for a run}, as far as they are known.

    Of an option such as --labels=hair=blue,eyes=red, `options.Several` holds the single
    ones: "hair=blue", "eyes=red" and so on; `options.SeveralOrFiles` says that images'
    files are values, too. An option has one meaning in all tasks.
    """
    return {}

  def complete(self, config: Config) -> Config:
    """The config, with what it takes from another run; called before `check`."""
    return config

  def exported(self, run: workdir.Run) -> dict[str, core.Tree]:
    """Those items of a run that its tasks restore, which are all that a file holds.

    Optimizer states, "opt.*", are never among them.
    """
    return workdir.restore_matching(run, "params.*", "extra.*")

  def contents(self, run: workdir.Run) -> dict[str, core.Tree] | None:
    """What a model file must hold, by its config; None if the family compares nothing.

    A file may come from a stranger: `check` is not called, since a file of an earlier
    version may lack what only training reads, and so whatever tasks read of the config
    and the facts is checked here. Nothing large is made, nothing compiled.

    Returns:
      Names, shapes and types, see `model_file.compare`; `shared.shapes` finds them.

    Raises:
      UserError: a field or fact makes no sense. Anything else that is raised is told as
        damage.
    """
    return None

  def shares(self, config: Config) -> bool:
    """Whether several processes train the run's parts without each other.

    Each then asks for `parts(config, share)`, which together are all.
    """
    return False

  def parts(self, config: Config) -> list[core.Part] | None:
    """The trainings that make up the run; None if `stages` is the only one."""
    return None


def extra(family: Family, name: str) -> Any:
  """A member of `Extras`: the family's own, or the default."""
  default = getattr(Extras, name)
  if callable(default):
    default = lambda argument, method=default: method(None, argument)
  return getattr(family, name, default)
