"""What users do with a generator trained on one image."""

from collections.abc import Sequence

from jaxgan.engine import workdir
from jaxgan.experiments.single_image.tasks.animate import animate
from jaxgan.experiments.single_image.tasks.compose import BACKGROUNDS, edit, harmonize
from jaxgan.experiments.single_image.tasks.paint import paint2image
from jaxgan.experiments.single_image.tasks.reconstruct import reconstruct
from jaxgan.experiments.single_image.tasks.retarget import retarget
from jaxgan.experiments.single_image.tasks.sample import sample
from jaxgan.experiments.single_image.tasks.superres import superres
from jaxgan.options import Span

TASKS = {
  "sample": sample,
  "reconstruct": reconstruct,
  "retarget": retarget,
  "animate": animate,
  "harmonize": harmonize,
  "edit": edit,
  "paint2image": paint2image,
  "superres": superres,
}


def choices(run: workdir.Run) -> dict[str, Sequence[str] | Span]:
  """The values of tasks' options."""
  return {
    "start_stage": Span(0, len(run.restore("extra.amplitudes"))),
    "strength": Span(0, 1),
    "smoothness": Span(0, 0.99),
    "background": BACKGROUNDS,
  }
