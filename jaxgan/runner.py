"""From a config to a run: what `main` and `benchmark` share."""

import importlib
import importlib.util
import json
import os
import pathlib
import pkgutil
from types import ModuleType

from absl import logging
import jax
import ml_collections

from jaxgan import cache, engine, errors
from jaxgan.engine import memory


def setup(
  distributed: bool = False,
  coordinator: str = "",
  num_processes: int = 1,
  process_id: int = 0,
) -> None:
  """Joins other processes if asked, and keeps compiled programs between runs."""
  memory.keep_freed()
  if not os.environ.get("JAX_COMPILATION_CACHE_DIR"):
    jax.config.update("jax_compilation_cache_dir", str(cache.root() / "xla"))
  if distributed or coordinator:
    engine.sharding.join(coordinator, num_processes, process_id)
  logging.info(
    "%d %s device(s), %d process(es)",
    jax.device_count(),
    jax.devices()[0].device_kind,
    jax.process_count(),
  )


def find_experiment(config: ml_collections.ConfigDict) -> ModuleType:
  """The module of a config's family.

  Raises:
    UserError: if there is no such family.
  """
  name = f"jaxgan.experiments.{config.experiment}"
  known = [
    module.name
    for module in pkgutil.iter_modules(
      [str(pathlib.Path(__file__).parent / "experiments")]
    )
  ]
  if not config.experiment.isidentifier() or importlib.util.find_spec(name) is None:
    raise errors.UserError(
      f"config.experiment = {config.experiment!r} is not known: "
      f"{errors.nearest(config.experiment, known)}"
    )
  return importlib.import_module(name)


def complete(config: ml_collections.ConfigDict) -> ml_collections.ConfigDict:
  """The config with what its family takes from another run, if from any."""
  experiment = find_experiment(config)
  return getattr(experiment, "complete", lambda config: config)(config)


def train(config: ml_collections.ConfigDict, workdir: pathlib.Path) -> None:
  """Trains a config's stages in a workdir, from where it stopped if it has."""
  experiment = find_experiment(config)
  config = complete(config)
  plain = json.loads(config.to_json())
  engine.workdir.claim(workdir, plain)  # Fails before the data take their time.
  if hasattr(experiment, "parts"):
    parts = experiment.parts(config)
  else:
    parts = [engine.core.Part("", experiment.stages(config))]
  engine.workdir.claim(
    workdir, plain, {stage.name: stage.facts for part in parts for stage in part.stages}
  )
  for part in parts:
    state = engine.train.train(
      part.stages,
      workdir=workdir / part.folder,
      seed=config.seed,
      keep=config.keep,
      config=plain,
      every=engine.train.Every(**config.every),
      best=config.get("best", ""),
      profile=engine.train.Profile(**config.profile),
    )
    part.finish(workdir, state)
  logging.info(
    "done: python -m jaxgan.generate --workdir=%s --list says what it makes", workdir
  )
