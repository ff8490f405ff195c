"""How near a trained network comes to its photographs and its styles."""
from collections.abc import Iterator

import jax
import jax.numpy as jnp

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.stylize import network, stage


def evaluate(run: workdir.Run, *, num: int = 32, content: str = "", styles: str = "",
             batch_size: int = 4) -> Iterator[tuple[str, float]]:
  """Mean weighted content and style losses, of each style and of all.

  Args:
    num: photographs.
    content: folder of photographs; "" takes those of the training.
    styles: folder of the paintings, if it is not where it was in the training.
    batch_size: photographs at once.
  """
  if num < 1 or batch_size < 1:
    raise UserError(f"--num={num}, --batch_size={batch_size}: must be positive.")
  trained = network.restore(run)
  with run.config.unlocked():
    run.config.data.update({key: value for key, value in (
        ("content", content), ("styles", styles)) if value})
    run.config.extend.workdir = ""
  goal, constants, photos, _ = stage.parts(run.config)
  images = photos.images[:num]
  if unknown := set(goal.names) - set(trained.names):
    raise UserError(f"--styles: the run was not trained on {', '.join(unknown)}.")

  @jax.jit
  def losses(params, images, label, target, constants):
    own = {layer: x[target] for layer, x in constants["grams"].items()}
    scales = {layer: x[target] for layer, x in constants["scales"].items()}
    seen = images.astype(jnp.float32) / 255
    pictures = trained.net.apply({"params": params}, seen,
                                 jnp.full(len(seen), label, jnp.int32))
    found = goal.criterion.losses(
        constants["vgg"], pictures, goal.criterion.targets(constants["vgg"], seen),
        {layer: x[None] for layer, x in own.items()})
    return {name: jnp.sum(x * scales.get(name.removeprefix("style_"), 1.0))
            for name, x in found.items()}

  totals = {"content": 0.0, "style": 0.0}
  constants = {key: constants[key] for key in ("vgg", "grams", "scales")}
  for target, name in enumerate(goal.names):
    sums = dict.fromkeys(totals, 0.0)
    for first in range(0, len(images), batch_size):
      found = losses(trained.params, images[first:first + batch_size],
                     trained.names.index(name), target, constants)
      for term, value in found.items():
        if (kind := term.partition("_")[0]) in sums:
          sums[kind] += float(value) / len(images)
    yield from ((f"{kind}_of_{name}", value) for kind, value in sums.items())
    totals = {kind: totals[kind] + value for kind, value in sums.items()}
  yield from ((kind, value / len(goal.names)) for kind, value in totals.items())
