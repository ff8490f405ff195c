"""The family's network, its weights as they lie in states, and styles added to it."""

import pathlib
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np

from jaxgan.engine import workdir
from jaxgan.errors import UserError, nearest
from jaxgan.nets import stylizer

Tree = Any
NETWORK, ROWS = "stylizer", "rows"  # Entries of `State.params`.


def build(config: ml_collections.ConfigDict, num_styles: int) -> stylizer.Stylizer:
  """The network that `config.network` describes."""
  options = dict(config.network)
  for field, known in (
    ("upsample", stylizer.UPSAMPLING),
    ("initializer", stylizer.INITIALIZERS),
  ):
    if options[field] not in known:
      raise UserError(
        f"config.network.{field} = {options[field]!r} is not known: "
        f"{nearest(options[field], known)}"
      )
  return stylizer.Stylizer(num_styles, dtype=jnp.dtype(config.dtype), **options)


def merge(params: dict[str, Tree]) -> Tree:
  """The network's weights, with added styles below those that were there before."""
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


def new_rows(params: Tree, count: int) -> Tree:
  """Tables of `count` more styles, each begun at the mean of the known ones."""
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


def restore(run: workdir.Run) -> Trained:
  """The network of a run's checkpoint, added styles included."""
  names = tuple(next(iter(run.facts.values()))["styles"])
  params = {
    name: run.restore(f"params.{name}")
    for name in (NETWORK, ROWS)
    if f"params.{name}" in run.items()
  }
  merged = jax.tree.map(np.asarray, merge(params))
  return Trained(build(run.config, len(names)), merged, names)


def restore_base(config: ml_collections.ConfigDict) -> Trained | None:
  """The network that `config.extend` names, to which styles are added.

  Raises:
    UserError: it is another network than `config.network` describes.
  """
  if not config.extend.workdir:
    return None
  run = workdir.load(pathlib.Path(config.extend.workdir), config.extend.step)
  if run.config.experiment != config.experiment:
    raise UserError(
      f"config.extend.workdir: {run.workdir} is a run of "
      f"{run.config.experiment}, to which no styles can be added."
    )
  base = restore(run)
  if dict(run.config.network) != dict(config.network):
    raise UserError(
      f"config.extend.workdir: {run.workdir} has the network "
      f"{dict(run.config.network)}: say so in config.network."
    )
  return base
