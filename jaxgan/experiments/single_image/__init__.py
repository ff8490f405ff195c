"""ConSinGAN and SinGAN: a generator from a single image.

The only reader of the family's configs; `configs/consingan.py` explains their fields.
No field is free when a run is continued: the learning rate depends on `num_steps`.
"""

from jaxgan.experiments.single_image.checks import RENAMED as RENAMED
from jaxgan.experiments.single_image.checks import check as check
from jaxgan.experiments.single_image.contents import contents as contents
from jaxgan.experiments.single_image.evaluation import evaluate as evaluate
from jaxgan.experiments.single_image.exports import EXPORTS as EXPORTS
from jaxgan.experiments.single_image.finetune import complete as complete
from jaxgan.experiments.single_image.inference import exported as exported
from jaxgan.experiments.single_image.stage import parts as parts
from jaxgan.experiments.single_image.stage import shares as shares
from jaxgan.experiments.single_image.stage import stages as stages
from jaxgan.experiments.single_image.tasks import TASKS as TASKS
from jaxgan.experiments.single_image.tasks import choices as choices
