"""What users do with a generator trained on one image."""

from jaxgan.experiments.single_image.tasks.animate import animate
from jaxgan.experiments.single_image.tasks.compose import edit, harmonize
from jaxgan.experiments.single_image.tasks.paint import paint2image
from jaxgan.experiments.single_image.tasks.reconstruct import reconstruct
from jaxgan.experiments.single_image.tasks.retarget import retarget
from jaxgan.experiments.single_image.tasks.sample import sample
from jaxgan.experiments.single_image.tasks.superres import superres

TASKS = {
  "sample": sample,
  "reconstruct": reconstruct,
  "retarget": retarget,
  "animate": animate,
  "harmonize": harmonize,
  "edit": edit,
  "paint2image": paint2image,
  "superres": superres,
}
