"""What a family describes to the engine: states, players, stages and updates.

A *player* is a network with a loss and an optimizer. An *update* is a function
`(state, batch) -> (state, scalars)`, one step of training; `alternate` makes one that
updates players in turn, and wrappers such as `average` extend it. A *stage* is an
update with its data, its images and its length; an experiment is a list of stages, and
`engine.train` runs any such list.
"""

from collections.abc import Callable, Iterable, Sequence
import pathlib
from typing import Any, NamedTuple

from clu import metrics
import flax
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec
import optax

Tree = Any
Batch = dict[str, Any]
Scalars = dict[str, jax.Array]


@flax.struct.dataclass
class State:
  """All that a run needs to continue: arrays only, no functions, no config.

  Attributes:
    step: int32 scalar, steps finished within the stage.
    key: typed PRNG key that never changes; a step uses `fold_in(key, step)`.
    params: weights of each player.
    opt: optimizer state of each player.
    extra: everything else that changes: batch statistics, averages, fixed noise.
  """

  step: jax.Array
  key: jax.Array
  params: dict[str, Tree]
  opt: dict[str, Tree]
  extra: dict[str, Tree]


Loss = Callable[
  [dict[str, Tree], State, Batch, jax.Array],
  tuple[jax.Array, tuple[dict[str, Tree], Scalars]],
]
Update = Callable[[State, Batch], tuple[State, Scalars]]


class Player(NamedTuple):
  """A network that training updates: its loss, its optimizer, and how often in a step.

  Attributes:
    name: key of the player's weights in `State.params`.
    loss: `(params, state, batch, key) -> (scalar, (extra, scalars))`. `params` holds
      every player's weights, but only the player's own are differentiated; `extra`
      replaces entries of `State.extra`; `scalars` are logged.
    tx: the optimizer.
    updates: how often in a step.
    batch: `(batch, index) -> batch`, the part of a step's batch that the player's
      update of this index gets; by default all of it.
    accumulate: micro-batches of an update, whose mean gradient it follows; they are the
      parts of the indices from `accumulate` times the update's own on, then traced.
  """

  name: str
  loss: Loss
  tx: optax.GradientTransformation
  updates: int = 1
  batch: Callable[[Batch, int], Batch] = lambda batch, index: batch
  accumulate: int = 1


class Stage(NamedTuple):
  """A part of a run with fixed shapes; `engine.train` runs stages in turn.

  Attributes:
    name: distinguishes the stages of a run.
    num_steps: length in steps.
    init: `(key, last state of the stage before, or None) -> State`, traceable.
    update: `(state, batch | constants) -> (state, scalars)`, traceable.
    metrics: how the scalars of many steps become one number each.
    render: `(state, batch | constants) -> {name: images [n, h, w, c] in [-1, 1]}`,
      traceable.
    batches: `(first step, count) -> {name: array [count, batch, ...]}` on the host;
      a pure function, which makes resuming exact.
    constants: arrays that the update needs and never changes: passed to jit as an
      argument, replicated, neither donated nor saved.
    evaluate: `state -> iterable of (name, value)`, called on the host every
      `config.every.evaluate` steps.
    remarks: `(scalars logged before, scalars logged now) -> lines` for the log, such as
      a warning that something holds twice in a row; the first scalars are {} at the
      beginning, and a line is logged once in a stage.
    facts: what inference must know and the config does not hold, such as the names of
      classes: JSON values or NumPy arrays, written once to the run's folder.
    data: digest of the images that the stage learns from, by which a run that is
      continued notices that they have changed.
    layout: partition specs of the state over the mesh's axis "data", a prefix of its
      tree. By default every device holds the whole state; a stage that trains
      independent models side by side divides their axis instead.
    cost: time of a step relative to a step of the run's other stages, from which the
      time that is left is estimated.
  """

  name: str
  num_steps: int
  init: Callable[[jax.Array, State | None], State]
  update: Update
  metrics: type[metrics.Collection]
  render: Callable[[State, Batch], dict[str, jax.Array]]
  batches: Callable[[int, int], Batch] = lambda first, count: {}
  constants: dict[str, Tree] = {}  # noqa: RUF012 (never written)
  evaluate: Callable[[State], Iterable[tuple[str, float]]] | None = None
  remarks: Callable[[dict[str, float], dict[str, float]], Iterable[str]] = (
    lambda before, now: ()
  )
  facts: dict[str, Any] = {}  # noqa: RUF012
  data: str = ""
  layout: Any = PartitionSpec()
  cost: float = 1.0


class Share(NamedTuple):
  """What one of several processes trains that work without each other."""

  index: int = 0
  count: int = 1


WHOLE = Share()


class Part(NamedTuple):
  """One of several trainings that make up a run, one after another.

  Attributes:
    folder: in the run's; "" for the run's own.
    stages: what is trained there.
    finish: `(run's folder, last state)`, called when they are done; called again when
      a finished run is started again.
  """

  folder: str
  stages: list[Stage]
  finish: Callable[[pathlib.Path, State], None] = lambda folder, state: None


def create_state(
  key: jax.Array,
  params: dict[str, Tree],
  players: Sequence[Player],
  extra: dict[str, Tree] | None = None,
) -> State:
  """The state at step 0, with fresh optimizers."""
  opt = {player.name: player.tx.init(params[player.name]) for player in players}
  return State(jnp.zeros((), jnp.int32), key, params, opt, extra or {})


def average_of(*names: str, latest: Sequence[str] = ()) -> type[metrics.Collection]:
  """A collection of the means of some scalars over steps, and the last of others."""
  return metrics.Collection.create(
    **{name: metrics.Average.from_output(name) for name in names},
    **{name: metrics.LastValue.from_output(name) for name in latest},
  )


def apply_gradient(state: State, player: Player, grads: Tree, **extra_args) -> State:
  """One optimizer step of one player.

  `extra_args` go to optimizers that take more than the gradient, such as L-BFGS.
  """
  name = player.name
  tx = optax.with_extra_args_support(player.tx)
  updates, opt = tx.update(grads, state.opt[name], state.params[name], **extra_args)
  params = optax.apply_updates(state.params[name], updates)
  return state.replace(
    params=state.params | {name: params}, opt=state.opt | {name: opt}
  )


def update_player(
  state: State, player: Player, batch: Batch, key: jax.Array
) -> tuple[State, Scalars]:
  """One update of one player; the weights of the others stay as they are."""

  def loss(own):
    return player.loss(state.params | {player.name: own}, state, batch, key)

  own = state.params[player.name]
  (value, (extra, scalars)), grads = jax.value_and_grad(loss, has_aux=True)(own)
  state = apply_gradient(
    state, player, grads, value=value, grad=grads, value_fn=lambda own: loss(own)[0]
  )
  scalars = scalars | {f"gradient_{player.name}": optax.tree.norm(grads)}
  return state.replace(extra=state.extra | extra), scalars


def accumulate_player(
  state: State, player: Player, batch: Batch, index: int, key: jax.Array
) -> tuple[State, Scalars]:
  """The update of an index by the mean gradient of its micro-batches, one by one.

  For a loss that is a mean over images it is the update by all of them at once, in
  about the memory of one micro-batch. Where images of a batch interact, as by batch
  norm, those of a micro-batch do; the statistics pass from one to the next.
  """
  own, count = state.params[player.name], player.accumulate

  def loss(own, extra, micro, key):
    params = state.params | {player.name: own}
    return player.loss(params, state.replace(extra=extra), micro, key)

  def add(carry, i):
    extra, total = carry
    micro = player.batch(batch, index * count + i)
    grads, (new, scalars) = jax.grad(loss, has_aux=True)(
      own, extra, micro, jax.random.fold_in(key, i)
    )
    return (extra | new, jax.tree.map(jnp.add, total, grads)), scalars

  # A loop: unrolled, XLA would keep the images of all for the players after this one.
  (extra, total), scalars = jax.lax.scan(
    add, (state.extra, jax.tree.map(jnp.zeros_like, own)), jnp.arange(count)
  )
  grads = jax.tree.map(lambda x: x / count, total)
  scalars = {name: x.mean(0) for name, x in scalars.items()}
  state = apply_gradient(state.replace(extra=extra), player, grads)
  return state, scalars | {f"gradient_{player.name}": optax.tree.norm(grads)}


def alternate(players: Sequence[Player]) -> Update:
  """Updates players in turn, each `updates` times, with the others' newest weights.

  The i-th updates of all players share one key. So what two players compute alike (the
  fake batch, from the same latents and the same generator) is one computation in the
  compiled program. Updates are unrolled: inside a loop, XLA on CPU takes a slow path
  for a convolution's weight gradient.
  """

  def update(state, batch):
    step_key = jax.random.fold_in(state.key, state.step)
    scalars = {}
    for player in players:
      for index in range(player.updates):
        key = jax.random.fold_in(step_key, index)
        if player.accumulate == 1:
          part = player.batch(batch, index)
          state, own_scalars = update_player(state, player, part, key)
        else:
          state, own_scalars = accumulate_player(state, player, batch, index, key)
        scalars |= own_scalars
    return state.replace(step=state.step + 1), scalars

  return update


def average(
  update: Update, select: Callable[[State], Tree], decay: float, name: str = "ema"
) -> Update:
  """Keeps in `extra[name]` an exponential moving average of what `select` returns.

  The decay grows as (1 + step) / (10 + step) up to its full value, so that the average
  forgets the initial weights soon.
  """

  def wrapped(state, batch):
    rate = jnp.minimum(decay, (1.0 + state.step) / (10.0 + state.step))
    old = state.extra[name]
    state, scalars = update(state, batch)
    new = optax.incremental_update(select(state), old, 1.0 - rate)
    return state.replace(extra=state.extra | {name: new}), scalars

  return wrapped
