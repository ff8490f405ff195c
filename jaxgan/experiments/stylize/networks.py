"""The family's network, its weights as they lie in states, and styles added to it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import base_run
from jaxgan.experiments.stylize import reading
from jaxgan.nets import stylizer

Tree = Any
NETWORK, ROWS = "stylizer", "rows"  # Entries of `State.params`.
RENAMED = {"network": "stylizer", "extend": "init"}  # Fields of earlier versions.


def create_network(
  config: ml_collections.ConfigDict, num_styles: int
) -> stylizer.Stylizer:
  """The network that `config.stylizer` describes."""
  return stylizer.Stylizer(num_styles, dtype=jnp.dtype(config.dtype), **config.stylizer)


def is_norm(name: str) -> bool:
  """Whether weights of this name are a normalization's tables."""
  return name.endswith("_norm")


def merge(params: dict[str, Tree]) -> Tree:
  """The network's weights, with the rows of added styles below those of the old."""
  return append(params[NETWORK], params[ROWS]) if ROWS in params else params[NETWORK]


def append(params: Tree, rows: Tree) -> Tree:
  """The network's weights, with more rows {norm: {table: [n, c]}} below the old."""
  added = {
    name: {
      table: jnp.concatenate([params[name][table], more])
      for table, more in tables.items()
    }
    for name, tables in rows.items()
  }
  return {**params, **added}


def create_rows(params: Tree, count: int) -> Tree:
  """Rows of `count` more styles for each table, all at the mean of the known ones."""
  return {
    name: {
      table: jnp.tile(jnp.mean(rows, 0, keepdims=True), (count, 1))
      for table, rows in tables.items()
    }
    for name, tables in params.items()
    if is_norm(name)
  }


class Trained(NamedTuple):
  """A trained network: its weights as NumPy arrays, and its styles in order.

  Attributes:
    net: with a row for each style.
    params: its weights.
    names: of the styles.
    reader: predicts rows from paintings, if the network was trained for it.
  """

  net: stylizer.Stylizer
  params: Tree
  names: tuple[str, ...]
  reader: reading.Reader | None = None

  def read(self, paintings: Mapping[str, np.ndarray]) -> "Trained":
    """With the styles of paintings uint8 [h, w, 3] that were not trained on."""
    if not paintings:
      return self
    rows = self.reader.rows(self.net, paintings)
    names = (*self.names, *paintings)
    params = jax.tree.map(np.asarray, append(self.params, rows))
    return Trained(self.net.clone(num_styles=len(names)), params, names, self.reader)


def style_names(run: workdir.Run) -> tuple[str, ...]:
  """The styles of a run, in order."""
  return tuple(next(iter(run.facts.values()))["styles"])


def reads(run: workdir.Run) -> bool:
  """Whether a run's network predicts the styles of paintings that it is given."""
  return "read_layers" in next(iter(run.facts.values()))


def restore(run: workdir.Run) -> Trained:
  """The network of a run's checkpoint, added styles included."""
  names, (facts,) = style_names(run), run.facts.values()
  params = {
    name: run.restore(f"params.{name}")
    for name in (NETWORK, ROWS)
    if f"params.{name}" in run.items()
  }
  merged = jax.tree.map(np.asarray, merge(params))
  net, reader = create_network(run.config, len(names)), None
  if reading.PREDICTOR in merged:
    predictor = merged.pop(reading.PREDICTOR)
    reader = reading.open_reader(predictor, facts, run.config.vgg)
    if "named" in facts:  # Else the tables are among the weights.
      merged |= reader.predict(net, facts["named"])
  return Trained(net, merged, names, reader)


def restore_base(config: ml_collections.ConfigDict) -> Trained | None:
  """The network of the run `config.init.workdir`, to which styles are added, if any.

  Raises:
    UserError: the run is of another family or an earlier version, or its network is not
      the one that `config.stylizer` describes.
  """
  if not config.init.workdir:
    return None
  run = base_run.load(config, RENAMED, config.init.step)
  if dict(run.config.stylizer) != dict(config.stylizer):
    raise UserError(
      f"config.init.workdir: the network of {run.name} has "
      f"{dict(run.config.stylizer)}: make config.stylizer the same."
    )
  return restore(run)
