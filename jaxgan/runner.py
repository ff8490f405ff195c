"""What the verbs share: from a config to its family, and from a workdir to its run."""

from collections.abc import Mapping, Sequence
import importlib
import json
import os
import pathlib
import pkgutil

from absl import logging
import jax
import ml_collections

from jaxgan import cache, errors, experiments, options, tables, trust
from jaxgan.engine import checkpoints, core, memory, model_file, provenance, sharding
from jaxgan.engine import workdir as workdirs
from jaxgan.experiments.shared import arguments, fields
from jaxgan.images import writer


def setup(
  distributed: bool = False,
  coordinator: str = "",
  num_processes: int = 1,
  process_id: int = 0,
) -> None:
  """Prepares JAX: joins other processes if asked, keeps compiled programs on disk."""
  memory.keep_freed()
  if not os.environ.get("JAX_COMPILATION_CACHE_DIR"):
    jax.config.update("jax_compilation_cache_dir", str(cache.root() / "xla"))
    # JAX would compile those again that take less than a second: half a dozen a task.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
  if distributed or coordinator:
    sharding.join(coordinator, num_processes, process_id)
  logging.info(
    "%d %s device(s), %d process(es)",
    jax.device_count(),
    jax.devices()[0].device_kind,
    jax.process_count(),
  )


def find_family(name: str) -> experiments.Family:
  """The family that `config.experiment` names.

  Args:
    name: one of `jaxgan.experiments`, such as "dcgan"; or the full name of a module or
      package of one's own, which has a dot in it, such as "mygans.wgan".

  Raises:
    UserError: if there is no such family.
  """
  name = name if isinstance(name, str) else repr(name)  # A damaged config's.
  module = name if "." in name else f"jaxgan.experiments.{name}"
  if not trust.is_module(module):
    known = {found.name for found in pkgutil.iter_modules(experiments.__path__)}
    hint = (
      f"no module {name} where Python looks (start in the folder that holds "
      f"{name.split('.')[0]}, or install it)."
      if "." in name
      else errors.nearest(name, known - {"shared"})
    )
    raise errors.UserError(f"config.experiment = {name!r} is not known: {hint}")
  family = importlib.import_module(module)
  if not isinstance(family, experiments.Family):
    raise errors.UserError(
      f"config.experiment = {name!r} is no family: {module} must define "
      "TASKS, stages and evaluate; see jaxgan.experiments.Family."
    )
  return family


def prepared(config: ml_collections.ConfigDict) -> ml_collections.ConfigDict:
  """The config, checked, and completed by what its family takes from another run.

  Raises:
    UserError: for what can be told before data are read.
  """
  family = find_family(config.experiment)
  _check_base(config)
  config = experiments.extra(family, "complete")(config)
  check(config)
  experiments.extra(family, "check")(config)
  return config


def _check_base(config: ml_collections.ConfigDict) -> None:
  """Raises UserError if a training would begin from a model file that is made up."""
  init = config.get("init")
  base = init.get("workdir") if isinstance(init, ml_collections.ConfigDict) else ""
  if base and workdirs.is_model(base):
    open_run(base)


def check(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for a bad value of a field that all families have."""
  arguments.check_seed(config.seed, "config.seed = ")
  if config.num_steps < 1:
    raise errors.UserError(f"config.num_steps = {config.num_steps} must be 1 or more.")
  if config.keep < 1:
    raise errors.UserError(
      f"config.keep = {config.keep} would delete every checkpoint: use 1 or more."
    )
  for name, period in config.every.items():
    if period < 0:
      raise errors.UserError(
        f"config.every.{name} = {period} must not be negative; 0 means only at the end."
      )
  batch_size = config.get("data", {}).get("batch_size", 1)
  if batch_size < 1:
    raise errors.UserError(f"config.data.batch_size = {batch_size} must be 1 or more.")


def open_run(
  name: str | pathlib.Path, step: int | str = "best"
) -> tuple[experiments.Family, workdirs.Run]:
  """A trained run and its family.

  Args:
    name: its folder, a model file, or "shipped:NAME".
    step: which checkpoint to use: a step, "latest" or "best".

  Raises:
    UserError: if there is none, several, or an earlier version's; if a file is not what
      its config says.
  """
  run = workdirs.load(name, step)
  is_file = isinstance(run, model_file.FileRun)
  if is_file:
    trust.check_installed(run)
  family = find_family(run.config.get("experiment"))
  _refuse_renamed(family, run.config, name)
  if is_file:
    trust.check_contents(family, run)
  return family, run


def choices(
  family: experiments.Family, run: workdirs.Run
) -> Mapping[str, Sequence[str] | options.Span]:
  """The values that options of a run's tasks take; see `experiments.Extras`.

  Raises:
    UserError: if its facts are not what its family writes.
  """
  try:
    return experiments.extra(family, "choices")(run)
  except (LookupError, TypeError, ValueError, AttributeError, StopIteration) as error:
    raise errors.UserError(
      f"{run.name} lacks what its tasks need ({error!r}): it is damaged, or of another "
      "version."
    ) from error


def _refuse_renamed(
  family: experiments.Family,
  config: ml_collections.ConfigDict,
  name: str | pathlib.Path,
) -> None:
  """Raises UserError for a config of an earlier version, with fields of other names."""
  renamed = fields.renamed(config, experiments.extra(family, "RENAMED"))
  found = [f"{old} is now {new}" if new else f"{old} is gone" for old, new in renamed]
  if found:
    is_folder = pathlib.Path(name).is_dir()
    remedy = "change its config.json" if is_folder else "change its run's and export it"
    raise errors.UserError(
      f"the run in {name} was begun by an earlier version: {remedy} "
      f"({'; '.join(found)}), then it can be used."
    )


def share(
  config: ml_collections.ConfigDict, num_processes: int, process_id: int
) -> core.Share:
  """What one of several processes trains by itself; the whole if they train together.

  Raises:
    UserError: if there is no such process.
  """
  if not experiments.extra(find_family(config.experiment), "shares")(config):
    return core.WHOLE
  sharding.check_process(num_processes, process_id)
  logging.info("process %d of %d trains its share", process_id, num_processes)
  return core.Share(process_id, num_processes)


def train(
  config: ml_collections.ConfigDict,
  workdir: pathlib.Path,
  name: str = "",
  share: core.Share = core.WHOLE,
) -> None:
  """Trains what a config describes in a workdir, or continues the run there.

  Args:
    config: of a family.
    workdir: folder of the run.
    name: of the config, to be remembered.
    share: of the run's parts, where processes train without each other.

  Raises:
    UserError: if another program trains there, and for what the user must mend.
    Interrupted: on SIGTERM or SIGINT, after saving.
  """
  config = prepared(config)
  # From before the config is written to the end: else another program, with another
  # config, could take the folder while this one reads its data.
  with workdirs.lock(workdir, share):
    _train(config, workdir, name, share)


def _train(
  config: ml_collections.ConfigDict, workdir: pathlib.Path, name: str, share: core.Share
) -> None:
  """Trains in a workdir that no other program uses; see `train`."""
  from jaxgan.engine import train as loop  # Imports slowly, and only training needs it.

  family = find_family(config.experiment)
  if (old := workdirs.read_config(workdir)) is not None:
    _refuse_renamed(family, old, workdir)
  plain = json.loads(config.to_json())
  free = experiments.extra(family, "FREE")
  first = jax.process_index() == share.index == 0  # It writes for all.
  workdirs.claim(workdir, plain, free=free, writes=first)  # Early: data take long.
  asked = [config] if share == core.WHOLE else [config, share]
  parts = experiments.extra(family, "parts")(*asked)
  if parts is None:
    parts = [core.Part("", family.stages(config))]
  facts = {stage.name: stage.facts for part in parts for stage in part.stages}
  workdirs.claim(workdir, plain, facts, free, writes=first)
  if name and first:
    provenance.note(workdir, name)
  for part in parts:
    state = loop.train(
      part.stages,
      workdir=workdir / part.folder,
      seed=config.seed,
      keep=config.keep,
      config=plain,
      every=loop.Every(**config.every),
      best=config.get("best", ""),
      profile=loop.Profile(**config.profile),
    )
    part.finish(workdir, state)
  if any(part.folder for part in parts) or share != core.WHOLE:
    end = "python -m jaxgan.evaluate --workdir=%s measures these runs' images too"
    _tell_all(workdir, jax.process_index() == 0)
  else:
    end = "python -m jaxgan.generate --workdir=%s --list tells what it can make"
  logging.info("done: " + end, workdir)


def _tell_all(workdir: pathlib.Path, writes: bool) -> None:
  """Logs a table of the runs that are done in a folder, and keeps it in `table.txt`.

  Of processes with a share each, the last to end tells of all.
  """
  rows = []
  for folder in sorted(workdir.glob("*/checkpoints")):
    if (folder.parent / "config.json").is_file():
      for step in checkpoints.steps(folder)[-1:]:
        results = checkpoints.evaluation(folder, step)
        rows.append({"run": folder.parent.name, "step": step} | results)
  if not rows:
    return
  text = tables.table(rows)
  if writes:
    writer.write_whole(workdir / "table.txt", f"{text}\n".encode())
  logging.info("%s", text)
