"""Starting from another run's weights: a few hundred images then go a long way."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flax import traverse_util
import jax
import ml_collections

from jaxgan.errors import UserError
from jaxgan.experiments.dcgan import checks, inference
from jaxgan.experiments.shared import base_run, players

Tree = Any
TABLE = "_table"  # Ends the name of an attribute's embedding.


class Base(NamedTuple):
  """What is taken from another run.

  Attributes:
    name: of the run, for messages.
    variables: of each player, as Flax has them; the generator's are the average.
    kept: attributes whose values are those of this run, in the same order.
  """

  name: str
  variables: dict[str, Tree]
  kept: frozenset[str]


def load(
  config: ml_collections.ConfigDict, classes: Mapping[str, Sequence[str]]
) -> Base | None:
  """The weights of the run that `config.init.workdir` names, if any.

  Args:
    config: of this run.
    classes: attribute -> names of its values, of this run.

  Raises:
    UserError: there is no such run, or it is of another family or an earlier version.
  """
  if not config.init.workdir:
    return None
  run = base_run.load(config, checks.RENAMED)
  known = inference.facts(run)["classes"]
  return Base(
    str(run.name),
    {
      "generator": inference.open_sampler(run).variables,
      "discriminator": inference.open_critic(run).variables,
    },
    frozenset(name for name in classes if list(classes[name]) == known.get(name)),
  )


def merge(variables: dict[str, Tree], base: Base) -> dict[str, Tree]:
  """A run's first weights and statistics: another run's, where it has them.

  Embeddings of labels that it does not know, or knows with other values, stay new.

  Args:
    variables: new ones of each player.
    base: see `load`.

  Raises:
    UserError: the networks differ.
  """
  return {name: _merge(name, variables[name], base) for name in players.NAMES}


def _merge(player: str, new: Tree, base: Base) -> Tree:
  old = traverse_util.flatten_dict(base.variables[player])
  result = traverse_util.flatten_dict(new)
  for path, value in result.items():
    tables = [part for part in path if part.endswith(TABLE)]
    if tables and tables[0].removesuffix(TABLE) not in base.kept:
      continue
    if path not in old or old[path].shape != value.shape:
      found = f"shape {old[path].shape}" if path in old else "none"
      raise UserError(
        f"config.init.workdir: the {player} of {base.name} is another network: for "
        f"{'.'.join(path)} of shape {value.shape} it has {found}. Make config.network, "
        "config.data.size and the options of both networks the same."
      )
    result[path] = jax.numpy.asarray(old[path], value.dtype)
  return traverse_util.unflatten_dict(result)
