"""Siamese GAN (Pasini, 2019): pictures of one domain into another's style, unpaired.

The only reader of the family's configs; `configs/siamese.py` explains their fields.
"""

from jaxgan.experiments.siamese.evaluation import evaluate as evaluate
from jaxgan.experiments.siamese.stage import stages as stages
from jaxgan.experiments.siamese.tasks import TASKS as TASKS
