"""How near a network comes to its photographs and its styles."""

from collections.abc import Callable, Iterator, Mapping
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.engine import core, workdir
from jaxgan.errors import UserError
from jaxgan.experiments.stylize import networks, setup
from jaxgan.experiments.stylize.objective import Objective

Tree = Any
CONSTANTS = ("vgg", "grams", "scales")


@functools.partial(jax.jit, static_argnames="goal")
def _sums(
  goal: Objective,
  params: Tree,
  images: jax.Array,
  label: int,
  target: int,
  constants: Tree,
) -> dict[str, jax.Array]:
  """Sums over photographs, uint8 [n, h, w, 3], of the losses of one style."""
  pick = lambda tree: jax.tree.map(lambda x: x[target], tree)
  grams, scales = pick(constants["grams"]), pick(constants["scales"])
  seen = images.astype(jnp.float32) / 255
  made = goal.net.apply({"params": params}, seen, jnp.full(len(seen), label, jnp.int32))
  losses = goal.criterion.losses(
    constants["vgg"],
    made,
    goal.criterion.targets(constants["vgg"], seen),
    {layer: x[None] for layer, x in grams.items()},
  )
  return {
    name: jnp.sum(x * scales.get(name.removeprefix("style_"), 1.0))
    for name, x in losses.items()
  }


def measure(
  goal: Objective,
  params: Tree,
  constants: Tree,
  images: np.ndarray,
  rows: Mapping[str, tuple[int, int]],
  batch_size: int,
) -> Iterator[tuple[str, float]]:
  """Mean weighted content and style losses, of each style and of all.

  Args:
    goal: what compares.
    params: the network's weights.
    constants: VGG16, targets and weights of styles.
    images: photographs, uint8 [n, h, w, 3].
    rows: styles with their rows in the network's tables and among the targets.
    batch_size: photographs at once.
  """
  totals = {"content": 0.0, "style": 0.0}
  constants = jax.device_put({name: constants[name] for name in CONSTANTS})
  for name, (label, target) in rows.items():
    sums = dict.fromkeys(totals, 0.0)
    for first in range(0, len(images), batch_size):
      found = _sums(
        goal, params, images[first : first + batch_size], label, target, constants
      )
      for term, value in found.items():
        if (kind := term.partition("_")[0]) in sums:
          sums[kind] += float(value) / len(images)
    yield from ((f"{kind}_of_{name}", value) for kind, value in sums.items())
    totals = {kind: totals[kind] + value / len(rows) for kind, value in sums.items()}
  yield from totals.items()
  yield "total", sum(totals.values())


def in_training(
  goal: Objective, constants: Tree, images: np.ndarray, batch_size: int
) -> Callable[[core.State], Iterator[tuple[str, float]]]:
  """An evaluation of the trained styles on some photographs."""
  rows = {goal.names[i]: (i, i) for i in range(goal.first, len(goal.names))}
  return lambda state: measure(
    goal, networks.merge(state.params), constants, images, rows, batch_size
  )


def evaluate(
  run: workdir.Run,
  *,
  num: int = 32,
  content: str = "",
  styles: str = "",
  batch_size: int = 4,
) -> Iterator[tuple[str, float]]:
  """Mean weighted content and style losses, of each style and of all.

  Args:
    num: photographs.
    content: folder of photographs; "" takes those of the training.
    styles: folder of the paintings, if it is not where it was in the training.
    batch_size: photographs at once.
  """
  if num < 1 or batch_size < 1:
    raise UserError(f"--num={num}, --batch_size={batch_size}: must be positive.")
  trained = networks.restore(run)
  with run.config.unlocked():
    run.config.data.update(
      {key: value for key, value in (("content", content), ("styles", styles)) if value}
    )
    run.config.extend.workdir = ""  # Only for the paintings of this run's own styles.
  goal, constants, photos, _ = setup.parts(run.config)
  if unknown := set(goal.names) - set(trained.names):
    raise UserError(f"--styles: the run was not trained on {', '.join(unknown)}.")
  rows = {name: (trained.names.index(name), i) for i, name in enumerate(goal.names)}
  goal = Objective(trained.net, goal.criterion, trained.names)
  yield from measure(
    goal, trained.params, constants, photos.images[:num], rows, batch_size
  )
