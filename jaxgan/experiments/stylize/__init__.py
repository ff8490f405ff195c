"""Photographs in many styles by one network, and Johnson's network of one style.

The only reader of the family's configs; `configs/stylize.py` explains their fields.
"""

from jaxgan.experiments.stylize.checks import check as check
from jaxgan.experiments.stylize.contents import contents as contents
from jaxgan.experiments.stylize.evaluation import evaluate as evaluate
from jaxgan.experiments.stylize.exports import EXPORTS as EXPORTS
from jaxgan.experiments.stylize.inference import choices as choices
from jaxgan.experiments.stylize.networks import RENAMED as RENAMED
from jaxgan.experiments.stylize.stage import stages as stages
from jaxgan.experiments.stylize.tasks import TASKS as TASKS

# No step depends on the first; the second divides a step to save memory.
FREE = ("num_steps", "data.accumulate")
