"""Siamese GAN (Pasini, 2019): images of one domain in the style of another, unpaired.

The only reader of the family's configs; `configs/siamese.py` explains their fields.
"""

from jaxgan.experiments.siamese.checks import check as check
from jaxgan.experiments.siamese.contents import contents as contents
from jaxgan.experiments.siamese.evaluation import evaluate as evaluate
from jaxgan.experiments.siamese.exports import EXPORTS as EXPORTS
from jaxgan.experiments.siamese.inference import choices as choices
from jaxgan.experiments.siamese.inference import exported as exported
from jaxgan.experiments.siamese.stage import stages as stages
from jaxgan.experiments.siamese.tasks import TASKS as TASKS

FREE = ("num_steps",)  # No step depends on it.
RENAMED = {
  "n_critic": "updates_per_step.discriminator",
  "loss.apart": "loss.separation",
  "loss.least": "loss.separation_margin",
}
