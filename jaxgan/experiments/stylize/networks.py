"""The family's network, its weights as they lie in states, and styles added to it."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import base_run
from jaxgan.nets import stylizer

Tree = Any
NETWORK, ROWS = "stylizer", "rows"  # Entries of `State.params`.
RENAMED = {"network": "stylizer", "extend": "init"}  # Fields of earlier versions.


def create_network(
  config: ml_collections.ConfigDict, num_styles: int
) -> stylizer.Stylizer:
  """The network that `config.stylizer` describes."""
  return stylizer.Stylizer(num_styles, dtype=jnp.dtype(config.dtype), **config.stylizer)


def merge(params: dict[str, Tree]) -> Tree:
  """The network's weights, with the rows of added styles below those of the old."""
  if ROWS not in params:
    return params[NETWORK]
  added = {
    name: {
      table: jnp.concatenate([params[NETWORK][name][table], rows])
      for table, rows in tables.items()
    }
    for name, tables in params[ROWS].items()
  }
  return params[NETWORK] | added


def create_rows(params: Tree, count: int) -> Tree:
  """Rows of `count` more styles for each table, all at the mean of the known ones."""
  return {
    name: {
      table: jnp.tile(jnp.mean(rows, 0, keepdims=True), (count, 1))
      for table, rows in tables.items()
    }
    for name, tables in params.items()
    if name.endswith("_norm")
  }


class Trained(NamedTuple):
  """A trained network: its weights as NumPy arrays, and its styles in order."""

  net: stylizer.Stylizer
  params: Tree
  names: tuple[str, ...]


def style_names(run: workdir.Run) -> tuple[str, ...]:
  """The styles of a run, in order."""
  return tuple(next(iter(run.facts.values()))["styles"])


def restore(run: workdir.Run) -> Trained:
  """The network of a run's checkpoint, added styles included."""
  names = style_names(run)
  params = {
    name: run.restore(f"params.{name}")
    for name in (NETWORK, ROWS)
    if f"params.{name}" in run.items()
  }
  merged = jax.tree.map(np.asarray, merge(params))
  return Trained(create_network(run.config, len(names)), merged, names)


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
