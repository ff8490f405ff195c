"""The family's one stage: photographs, styles, step, pictures."""
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np
import optax

from jaxgan.data import packed, pictures, sampler, styles
from jaxgan.engine import core
from jaxgan.errors import UserError
from jaxgan.experiments.stylize import content, network, objective
from jaxgan.experiments.stylize import criterion as criterion_lib

Tree = Any
PHOTOS, SHOWN = 3, 6  # Rows of the picture, and styles at most.


class Parts(NamedTuple):
  """What a config's stage is made of."""

  goal: objective.Objective
  constants: dict[str, Tree]
  photos: packed.Packed
  base: network.Trained | None


def parts(config: ml_collections.ConfigDict) -> Parts:
  """Reads photographs, styles and VGG16, and the network to extend if any.

  Raises:
    UserError: see `content.load`, `styles.load`, `criterion` and `restore_base`.
  """
  base = network.restore_base(config)
  photos = content.load(config)
  paintings = styles.load(config.data.styles, size=config.data.style_size)
  old = base.names if base else ()
  if common := set(old) & set(paintings):
    raise UserError(f"config.data.styles: {config.extend.workdir} knows "
                    f"{', '.join(sorted(common))} already: leave out or rename.")
  names = (*old, *paintings)
  criterion = criterion_lib.criterion(config)
  goal = objective.Objective(network.build(config, len(names)), criterion, names,
                             len(old), config.data.flip)
  return Parts(goal, _constants(config, goal, paintings, photos), photos, base)


def _constants(config, goal, paintings, photos) -> dict[str, Tree]:
  """What the step needs and never changes; targets of old styles are not needed."""
  weights = goal.criterion.weights(config.vgg)
  new = goal.criterion.grams(weights, list(paintings.values()))
  scales = objective.scales(new, tuple(paintings), balance=config.loss.balance,
                            coefficients=config.loss.coefficients)
  # Labels count from the first style of all, so the trained ones come after gaps.
  shift = lambda x: np.concatenate([np.zeros((goal.first, *x.shape[1:]), x.dtype), x])
  size = (config.data.size,) * 2
  return {"vgg": weights, "grams": jax.tree.map(shift, new),
          "scales": jax.tree.map(shift, scales),
          "photos": np.asarray(photos.images[:PHOTOS]),
          "paintings": np.stack([pictures.fit(pictures.read(x, channels=3), size)
                                 for x in list(paintings.values())[:SHOWN]])}


def show(goal: objective.Objective, state: core.State,
         batch: core.Batch) -> dict[str, jax.Array]:
  """Photographs down, styles across, and what becomes of each pair."""
  photos, paintings = batch["photos"], batch["paintings"]
  rows, columns = len(photos), len(paintings)
  labels = jnp.tile(goal.first + jnp.arange(columns), rows)
  images = jnp.repeat(photos, columns, axis=0).astype(jnp.float32) / 255
  made = goal.net.apply({"params": network.merge(state.params)}, images, labels)
  made = made.reshape(rows, columns, *made.shape[1:])
  corner = jnp.ones((1, *photos.shape[1:]))
  top = jnp.concatenate([corner, paintings.astype(jnp.float32) / 255])
  body = jnp.concatenate([photos[:, None].astype(jnp.float32) / 255, made], 1)
  table = jnp.concatenate([top[None], body])
  r, c, h, w, _ = table.shape
  sheet = table.swapaxes(1, 2).reshape(1, r * h, c * w, 3)
  return {"stylized": 2 * sheet - 1}


def _init_params(goal: objective.Objective, base: network.Trained | None,
                 key: jax.Array) -> dict[str, Tree]:
  if base:
    return {network.NETWORK: jax.tree.map(jnp.asarray, base.params),
            network.ROWS: network.new_rows(base.params, len(goal.names) - goal.first)}
  images = jnp.zeros((1, 16, 16, 3))
  return {network.NETWORK: goal.net.init(key, images, jnp.zeros(1, int))["params"]}


def scalar_names(goal: objective.Objective) -> Sequence[str]:
  """Means over the steps, by what they are of."""
  return "loss", *goal.terms


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage, in which one player moves: the network, or the styles added to one.

  Raises:
    UserError: see `parts`.
  """
  goal, constants, photos, base = parts(config)
  mover = network.ROWS if base else network.NETWORK
  player = core.Player(mover, goal, optax.adam(**config.optimizer))

  def init(key, previous):
    del previous  # There is only one stage.
    keys = jax.random.split(key)
    params = _init_params(goal, base, keys[0])
    return core.create_state(keys[1], params, [player], goal.init_extra())

  return [core.Stage(
      name=f"{len(goal.names)}_styles", num_steps=config.num_steps, init=init,
      update=core.alternate([player]), constants=constants,
      metrics=core.average_of(*scalar_names(goal), f"gradient_{mover}",
                              latest=tuple(goal.scalar_names().values())),
      render=lambda state, batch: show(goal, state, batch),
      batches=sampler.batches(photos, batch_size=config.data.batch_size,
                              seed=config.seed),
      facts={"styles": list(goal.names)})]
