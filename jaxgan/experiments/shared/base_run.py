"""The finished run that a new one starts from: `config.init.workdir`."""

from collections.abc import Mapping

import ml_collections

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import fields


def load(
  config: ml_collections.ConfigDict,
  renamed: Mapping[str, str],
  step: int | str = "best",
) -> workdir.Run:
  """Opens the run that `config.init.workdir` names.

  Args:
    config: of the new run.
    renamed: the family's fields of earlier versions, `experiments.Extras.RENAMED`.
    step: which checkpoint to use: a step, "latest", or "best".

  Raises:
    UserError: there is no such run, it is of another family, or of an earlier version.
  """
  run = workdir.load(config.init.workdir, step)
  if run.config.experiment != config.experiment:
    raise UserError(
      f"config.init.workdir: {run.name} is a run of {run.config.experiment}, not of "
      f"{config.experiment}: name a run of the same family."
    )
  if fields.renamed(run.config, renamed):
    raise UserError(
      f"config.init.workdir: {run.name} was begun by an earlier version: python -m "
      f"jaxgan.generate --workdir={run.name} --list says what to change."
    )
  return run
