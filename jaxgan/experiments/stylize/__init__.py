"""Photographs in many styles by one network, and Johnson's network of one style.

The only reader of the family's configs; `configs/stylize.py` explains their fields.
"""

from jaxgan.experiments.stylize.evaluation import evaluate as evaluate
from jaxgan.experiments.stylize.stage import stages as stages
from jaxgan.experiments.stylize.tasks import TASKS as TASKS
