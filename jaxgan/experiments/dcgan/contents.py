"""What a model file must hold, by its config; see `experiments.Extras.contents`."""

from typing import Any

from jaxgan.engine import core, workdir
from jaxgan.experiments.dcgan import checks, inference
from jaxgan.experiments.dcgan.networks import create_networks, image_size
from jaxgan.experiments.shared import shapes


def contents(run: workdir.Run) -> dict[str, core.Tree]:
  """What `inference.exported` takes of a run."""
  config, known = run.config, inference.facts(run)
  checks.check_networks(config)
  _check_facts(known)
  nets = create_networks(config, known["classes"])
  labels = {name: shapes.labels(1) for name in known["classes"]}
  latents, image = (1, nets.latents), (1, *image_size(config), config.data.channels)
  critic = shapes.variables(
    nets.discriminator, shapes.floats(*image), labels, train=False
  )
  return {
    "extra.ema": shapes.variables(
      nets.generator, shapes.floats(*latents), labels, train=False
    ),
    "params.discriminator": critic.pop("params"),
    "extra.discriminator": critic,
  }


def _check_facts(known: dict[str, Any]) -> None:
  """Raises an error for facts that no data have."""
  classes, frequencies = known["classes"], known["frequencies"]
  if {name: len(values) for name, values in classes.items()} != {
    name: len(values) for name, values in frequencies.items()
  }:
    raise ValueError("its frequencies are not those of its classes")
  if not all(isinstance(x, str) for values in classes.values() for x in values):
    raise TypeError("its classes have no names")
  if not all(0 <= x <= 1 for values in frequencies.values() for x in values):
    raise ValueError("its frequencies are no shares")
  if not known["quality"].keys() >= {"sharpness", "nearest"}:
    raise ValueError("its facts lack measures of quality")
  # Of a single image they are no numbers, but floats.
  if not all(isinstance(low + high, float) for low, high in known["quality"].values()):
    raise TypeError("its measures of quality are no ranges")
