"""Samples of one image by the optimal denoiser over its patches; nothing is trained.

The only reader of the family's configs; `configs/patches.py` explains their fields.
"""

from jaxgan.experiments.patches.checks import FREE as FREE
from jaxgan.experiments.patches.checks import check as check
from jaxgan.experiments.patches.contents import contents as contents
from jaxgan.experiments.patches.evaluation import evaluate as evaluate
from jaxgan.experiments.patches.stage import stages as stages
from jaxgan.experiments.patches.tasks import TASKS as TASKS
