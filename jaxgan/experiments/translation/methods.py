"""What the family's two methods have in common, and which one a config means."""

from collections.abc import Iterator
from typing import Protocol

import jax
import ml_collections
import optax

from jaxgan.engine import core
from jaxgan.experiments.translation import cut, cyclegan
from jaxgan.experiments.translation.networks import Networks, create_networks

CREATE = {"cyclegan": cyclegan.create, "cut": cut.create}


class Method(Protocol):
  """A method's losses, and how its networks lie in states.

  Attributes:
    DIRECTIONS: what it learns: "ab", or "ab" and "ba".
    SCALARS: names of what its players log.
    nets: the networks.
  """

  DIRECTIONS: tuple[str, ...]
  SCALARS: tuple[str, ...]
  nets: Networks

  def players(self, optimizer: optax.GradientTransformation) -> list[core.Player]:
    """In the order of their updates."""

  def init(self, key: jax.Array) -> tuple[dict[str, core.Tree], dict[str, core.Tree]]:
    """Weights of each player, and further entries of `State.extra`."""

  def translators(self, params: dict[str, core.Tree]) -> dict[str, core.Tree]:
    """Each direction's generator among the players' weights."""

  def remarks(self, before: dict[str, float], now: dict[str, float]) -> Iterator[str]:
    """Warnings; see `core.Stage`."""


def create_method(config: ml_collections.ConfigDict) -> Method:
  """The method of a checked config."""
  return CREATE[config.method](config, create_networks(config))
