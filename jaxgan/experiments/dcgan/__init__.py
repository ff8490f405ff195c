"""DCGAN and its dense baseline: images from noise, conditional where there are labels.

The only reader of the family's configs; `configs/dcgan_anime.py` explains their fields.
"""

from jaxgan.experiments.dcgan.checks import RENAMED as RENAMED
from jaxgan.experiments.dcgan.checks import check as check
from jaxgan.experiments.dcgan.contents import contents as contents
from jaxgan.experiments.dcgan.evaluation import evaluate as evaluate
from jaxgan.experiments.dcgan.exports import EXPORTS as EXPORTS
from jaxgan.experiments.dcgan.inference import choices as choices
from jaxgan.experiments.dcgan.inference import exported as exported
from jaxgan.experiments.dcgan.stage import stages as stages
from jaxgan.experiments.dcgan.tasks import TASKS as TASKS

# Neither data nor the learning-rate rule need these.
FREE = ("num_steps", "expect", "data.accumulate")
