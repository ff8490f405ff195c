"""CycleGAN, CUT and FastCUT: images of one domain into another, unpaired, whole.

The only reader of the family's configs; `configs/cyclegan.py` and `configs/cut.py`
explain their fields.
"""

from jaxgan.experiments.translation.checks import check as check
from jaxgan.experiments.translation.contents import contents as contents
from jaxgan.experiments.translation.evaluation import evaluate as evaluate
from jaxgan.experiments.translation.exports import EXPORTS as EXPORTS
from jaxgan.experiments.translation.inference import choices as choices
from jaxgan.experiments.translation.inference import exported as exported
from jaxgan.experiments.translation.stage import stages as stages
from jaxgan.experiments.translation.tasks import TASKS as TASKS
