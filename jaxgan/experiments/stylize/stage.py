"""The family's one stage: photographs, styles, step, images to look at."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np
import optax

from jaxgan.data import batches, packed
from jaxgan.data.digest import digest
from jaxgan.engine import core
from jaxgan.errors import UserError
from jaxgan.experiments.shared import players, styles
from jaxgan.experiments.stylize import data, evaluation, networks, prediction, reading
from jaxgan.experiments.stylize.objective import (
  Objective,
  create_constants,
  create_objective,
)
from jaxgan.images import reader

Tree = Any
PHOTOGRAPHS, PAINTINGS = 3, 6  # On the sheet that is rendered, at most.


def sheet_constants(
  photos: packed.Packed, paintings: Mapping[str, np.ndarray], size: int
) -> dict[str, np.ndarray]:
  """Photographs and paintings to render, uint8 [n, size, size, 3]."""
  squares = [
    reader.fit(reader.read(painting, channels=3), (size, size))
    for painting in list(paintings.values())[:PAINTINGS]
  ]
  return {
    "photos": np.asarray(photos.images[:PHOTOGRAPHS]),
    "paintings": np.stack(squares),
  }


def render(
  objective: Objective, state: core.State, batch: core.Batch
) -> dict[str, jax.Array]:
  """A sheet: photographs down, paintings across, and the output of each pair."""
  photos, paintings = batch["photos"], batch["paintings"]
  rows, columns = len(photos), len(paintings)
  labels = jnp.tile(objective.first + jnp.arange(columns), rows)
  images = jnp.repeat(photos, columns, axis=0).astype(jnp.float32) / 255
  params = networks.merge(state.params)
  outputs = objective.net.apply({"params": params}, images, labels)
  outputs = outputs.reshape(rows, columns, *outputs.shape[1:])
  corner = jnp.ones((1, *photos.shape[1:]))
  top = jnp.concatenate([corner, paintings.astype(jnp.float32) / 255])
  body = jnp.concatenate([photos[:, None].astype(jnp.float32) / 255, outputs], 1)
  table = jnp.concatenate([top[None], body])
  r, c, h, w, _ = table.shape
  sheet = table.swapaxes(1, 2).reshape(1, r * h, c * w, 3)
  return {"stylized": 2 * sheet - 1}


def init_params(
  objective: Objective, base: networks.Trained | None, rows: Tree | None, key: jax.Array
) -> dict[str, Tree]:
  """The weights of a new network, or a trained one's and the rows of more styles."""
  if base:
    weights = base.params
    if base.reader:
      weights = {**weights, reading.PREDICTOR: base.reader.params}
    return jax.tree.map(jnp.asarray, {networks.NETWORK: weights, networks.ROWS: rows})
  images = jnp.zeros((1, 16, 16, 3))
  return {
    networks.NETWORK: objective.net.init(key, images, jnp.zeros(1, int))["params"]
  }


def create_optimizer(
  learning_rate: float, half_life: int, b1: float, b2: float
) -> optax.GradientTransformation:
  """Adam, whose rate halves every `half_life` steps; 0 keeps it."""
  rate = (
    optax.exponential_decay(learning_rate, half_life, 0.5)
    if half_life
    else learning_rate
  )
  return optax.adam(rate, b1, b2)


def start_rows(
  config: ml_collections.ConfigDict,
  base: networks.Trained,
  paintings: Mapping[str, np.ndarray],
) -> Tree:
  """The rows that added styles begin with: predicted ones, or the mean of the old."""
  if base.reader and config.init.start == "predicted":
    return base.reader.rows(base.net, paintings)
  return networks.create_rows(base.params, len(paintings))


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage with one player: the network, or the rows of the styles added to one.

  Raises:
    UserError: see `restore_base`, `data.load`, `styles.load` and `create_constants`;
      or a style is known already.
  """
  base, start = networks.restore_base(config), None
  predicts = config.predictor.bottleneck and not (base and base.reader)
  if predicts:  # Its styles are not kept, for all weights are trained.
    base, start = None, base
  known = base.names if base else ()
  photos = data.load(config.data.content, config.data.size, config.data.crops)
  paintings = styles.load(
    config.data.styles,
    size=config.data.style_size,
    most=prediction.NAMED if predicts else 0,
  )
  if common := set(known) & set(paintings):
    raise UserError(
      f"config.data.styles: {config.init.workdir} knows {', '.join(sorted(common))} "
      "already: leave out or rename."
    )
  objective = create_objective(config, (*known, *paintings), len(known))
  constants = create_constants(config, objective, paintings)
  rows = start_rows(config, base, paintings) if base else None
  optimizer = create_optimizer(**config.optimizer)
  player = core.Player(
    networks.ROWS if base else networks.NETWORK,
    objective,
    optimizer,
    batch=players.rows(("image",), config.data.accumulate),
    accumulate=config.data.accumulate,
  )

  def init(key, previous):
    del previous  # There is only one stage.
    keys = jax.random.split(key)
    params = init_params(objective, base, rows, keys[0])
    return core.create_state(keys[1], params, [player], objective.init_extra())

  facts = base.reader.facts() if base and base.reader else {}
  stage = core.Stage(
    name=f"{len(objective.names)}_styles",
    num_steps=config.num_steps,
    init=init,
    update=core.alternate([player]),
    constants=constants | sheet_constants(photos, paintings, config.data.size),
    metrics=core.average_of(
      "loss",
      *objective.criterion.terms,
      f"gradient_{player.name}",
      latest=tuple(objective.scalar_names().values()),
    ),
    render=lambda state, batch: render(objective, state, batch),
    batches=batches.batches(
      photos, batch_size=config.data.batch_size, seed=config.seed
    ),
    data=digest(photos.images, list(paintings.values())),
    evaluate=evaluation.in_training(
      objective,
      constants,
      data.spread(photos, config.evaluate.num),
      config.data.batch_size,
    ),
    facts={"styles": list(objective.names)} | facts,
  )
  if predicts:
    stage = prediction.predicting(config, objective, paintings, stage, optimizer, start)
  return [stage]
