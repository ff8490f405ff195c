"""Two players, generator and discriminator: their batches, state and average."""

from collections.abc import Callable, Mapping, Sequence
import math
from typing import Protocol

import jax
import ml_collections
import optax

from jaxgan.engine import core, sharding
from jaxgan.errors import UserError

NAMES = ("discriminator", "generator")  # In the order of their updates.
BETA = (0, 0.99999)  # Of Adam's decays: in its first step 1 would divide 0 by 0.


def adam_ranges(group: str) -> dict[str, tuple[float, float]]:
  """Least and most of Adam's rate and decays, fields of a group of the config."""
  return {
    f"{group}.learning_rate": (0, math.inf),
    f"{group}.b1": BETA,
    f"{group}.b2": BETA,
  }


RANGES = {
  "ema": (0, 1),
  **{f"updates_per_step.{name}": (1, math.inf) for name in NAMES},
  **adam_ranges("optimizer.discriminator"),
  **adam_ranges("optimizer.generator"),
}


class Objective(Protocol):
  """The losses of both players; see `core.Player`."""

  discriminator: core.Loss
  generator: core.Loss


def check_accumulation(config: ml_collections.ConfigDict) -> None:
  """Raises UserError where a batch does not divide into micro-batches."""
  data, devices = config.data, sharding.make_mesh().size
  if data.accumulate < 1:
    raise UserError(f"config.data.accumulate = {data.accumulate} must be 1 or more.")
  if data.accumulate > 1 and data.batch_size % (data.accumulate * devices):
    raise UserError(
      f"config.data.accumulate = {data.accumulate}: config.data.batch_size = "
      f"{data.batch_size} must be a multiple of {data.accumulate * devices}, so many "
      f"micro-batches times {devices} device(s)."
    )


def rows(names: Sequence[str], count: int) -> Callable[[core.Batch, int], core.Batch]:
  """Divides arrays of a batch into parts of equal size; see `core.Player.batch`.

  Args:
    names: of the arrays; the others in a batch are constants.
    count: of parts; after the last comes the first again.
  """

  def part(batch, index):  # Interleaved, so that every device keeps its own rows.
    return batch | {
      name: batch[name].reshape(-1, count, *batch[name].shape[1:])[:, index % count]
      for name in names
    }

  return part


def create_players(
  objective: Objective,
  optimizers: Mapping[str, optax.GradientTransformation],
  updates_per_step: Mapping[str, int],
  streamed: Sequence[str],
  accumulate: int = 1,
) -> list[core.Player]:
  """Both players, the discriminator first.

  The batch of a step holds rows of their own for every update of the discriminator. The
  i-th update of the generator gets the same rows as the i-th of the discriminator, and
  begins again with the first rows if it has more updates.

  Args:
    objective: the losses.
    optimizers: of each player.
    updates_per_step: of each player, 1 or more.
    streamed: names of the arrays to divide; the others in a batch are constants.
    accumulate: micro-batches of an update.
  """
  own = rows(streamed, updates_per_step["discriminator"] * accumulate)
  losses = {"discriminator": objective.discriminator, "generator": objective.generator}
  return [
    core.Player(
      name, losses[name], optimizers[name], updates_per_step[name], own, accumulate
    )
    for name in NAMES
  ]


def create_state(
  key: jax.Array,
  variables: Mapping[str, core.Tree],
  players: Sequence[core.Player],
  extra: Mapping[str, core.Tree] | None = None,
) -> core.State:
  """The state at step 0.

  Args:
    key: of the run's randomness.
    variables: Flax variables of each player. What is not weights, such as batch
      statistics, goes to `State.extra`, as does the average of the generator, "ema".
    players: see `create_players`.
    extra: more entries of `State.extra`.
  """
  params = {name: tree["params"] for name, tree in variables.items()}
  statistics = {
    name: {kind: tree for kind, tree in trees.items() if kind != "params"}
    for name, trees in variables.items()
  }
  return core.create_state(
    key, params, players, {**statistics, "ema": variables["generator"], **(extra or {})}
  )


def average_generator(update: core.Update, decay: float) -> core.Update:
  """Keeps the average of the generator and its statistics in `State.extra["ema"]`."""
  return core.average(
    update,
    lambda state: {"params": state.params["generator"], **state.extra["generator"]},
    decay,
  )
