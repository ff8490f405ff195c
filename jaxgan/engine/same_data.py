"""Whether a run that is continued still sees the images that it began with."""

from collections.abc import Sequence
import pathlib

from absl import logging
import jax

from jaxgan.engine import core, run_files
from jaxgan.images import writer

FILE = "data.json"  # In a run's folder: {stage: digest}.


def remark(workdir: pathlib.Path, stages: Sequence[core.Stage], *, begun: bool) -> None:
  """Writes the digests of a run's images; warns if they were others when it began.

  The first process does it for all.

  Args:
    workdir: the run's folder.
    stages: of the run.
    begun: whether it has a checkpoint. Before that it may be given other images.

  Raises:
    UserError: the file cannot be written.
  """
  if jax.process_index():
    return
  path, now = workdir / FILE, {stage.name: stage.data for stage in stages}
  if not begun or not path.is_file():  # The latter in runs of earlier versions.
    with writer.explained(path):
      run_files.write(path, now)
  elif any(now.get(name, x) != x for name, x in run_files.read_known(path).items()):
    logging.warning(
      "the images have changed since this run began: it goes on with those that are "
      "there now, and will not end as it would have"
    )
