"""One image by optimizing its pixels (Gatys et al., 2016); no network is trained.

The only reader of the family's configs; `configs/gatys.py` explains their fields.
"""

from jaxgan.experiments.gatys.checks import check as check
from jaxgan.experiments.gatys.contents import contents as contents
from jaxgan.experiments.gatys.evaluation import evaluate as evaluate
from jaxgan.experiments.gatys.stage import stages as stages
from jaxgan.experiments.gatys.tasks import TASKS as TASKS

FREE = ("num_steps",)  # No step depends on it.
