"""What users do with a trained network: photographs and films repainted."""

from jaxgan.experiments.stylize.tasks.comparisons import blend, grid
from jaxgan.experiments.stylize.tasks.repaint import mask, stylize
from jaxgan.experiments.stylize.tasks.video import video

TASKS = {"stylize": stylize, "grid": grid, "blend": blend, "mask": mask, "video": video}
