"""What users do with a generator trained on one image."""
from jaxgan.experiments.single_image.tasks.sample import reconstruct, sample

TASKS = {"sample": sample, "reconstruct": reconstruct}
