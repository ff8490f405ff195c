"""What users do with a trained DCGAN: samples, and walks between them."""

from jaxgan.experiments.dcgan.tasks.interpolate import interpolate
from jaxgan.experiments.dcgan.tasks.sample import neighbors, sample

TASKS = {"sample": sample, "neighbors": neighbors, "interpolate": interpolate}
