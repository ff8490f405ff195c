"""The one loop: stages -> restore -> compile -> steps -> log, show, evaluate, save."""

from collections.abc import Iterator, Mapping, Sequence
import contextlib
import functools
import math
import pathlib
import time
from typing import Any, NamedTuple

from absl import logging
from clu import parameter_overview
import jax

from jaxgan.engine import (
  checkpoints,
  core,
  events,
  interrupt,
  prefetch,
  profiler,
  saver,
  sharding,
  summaries,
)
from jaxgan.engine import workdir as folder
from jaxgan.engine.events import Every
from jaxgan.engine.profiler import Profile
from jaxgan.errors import UserError

# Steps in one call, where a call is a scan: enough to hide the host, and no more than
# memory for their batches (three calls' are on the device at once).
MAX_STEPS, MAX_BYTES = 100, 2**28


class _Run(NamedTuple):
  """What all stages of a run share."""

  mesh: jax.sharding.Mesh
  outlets: events.Outlets
  profiler: profiler.Profiler
  scanned: bool


def train(
  stages: Sequence[core.Stage],
  *,
  workdir: pathlib.Path,
  seed: int = 0,
  every: Every | None = None,
  keep: int = 3,
  best: str = "",
  profile: Profile | None = None,
  config: Mapping[str, Any] | None = None,
  scanned: bool | None = None,
) -> core.State:
  """Runs stages to their end, from the newest checkpoint if there is one.

  A stage that has done its steps, or more since its length was lowered, is over.

  Args:
    stages: what to run, in order.
    workdir: gets `checkpoints/`, `images/`, `metrics.jsonl` and TensorBoard's events.
    seed: everything random in the run derives from it.
    every: how often to log, render, save and evaluate.
    keep: how many of the newest checkpoints to keep.
    best: the evaluation whose lowest value marks the best checkpoint, kept as well.
    profile: a profiler trace on request, in `workdir/profile`.
    config: shown in TensorBoard.
    scanned: whether one call runs many steps in a `lax.scan`; by default not on CPU,
      where a convolution's weight gradient inside a loop is slow.

  Returns:
    The last state.

  Raises:
    UserError: NaN or Inf, a disk that is full, a batch that devices cannot share.
    Interrupted: on SIGTERM or SIGINT, after saving.
  """
  mesh = sharding.make_mesh()
  key = jax.random.key(seed)
  with contextlib.ExitStack() as stack:
    stack.enter_context(folder.lock(workdir))
    signals = stack.enter_context(interrupt.Interrupt())
    keeper = stack.enter_context(
      saver.Saver(workdir / "checkpoints", keep=keep, best=best)
    )
    place = _restore(keeper, stages, key, mesh)
    if place.total == 0:
      raise UserError("this config has no steps: raise config.num_steps.")
    if place.first == place.total:
      logging.info(
        "already done: step %d of %d, in %s", place.first, place.total, workdir
      )
      return place.state
    if place.state:
      logging.info("continuing at step %d of %d", place.first, place.total)
    writer = stack.enter_context(
      summaries.Summaries(
        workdir,
        first_step=place.first,
        num_steps=place.total,
        work=functools.partial(_work, stages, place),
      )
    )
    writer.config(config or {})
    run = _Run(
      mesh,
      events.Outlets(workdir, every or Every(), keeper, writer, signals),
      stack.enter_context(profiler.Profiler(profile or Profile(), workdir / "profile")),
      jax.default_backend() != "cpu" if scanned is None else scanned,
    )
    state = _run_stages(run, stages, key, place)
    keeper.wait()
  return state


class _Place(NamedTuple):
  """Where a run goes on."""

  index: int  # Of the stage.
  step: int  # Steps of the stage that are done...
  first: int  # ...and of the run.
  left: tuple[int, ...]  # Steps to do of this stage and of those after it.
  state: core.State | None  # None at the beginning.

  @property
  def total(self) -> int:
    """Steps of the run when it is done."""
    return self.first + sum(self.left)


def _work(stages: Sequence[core.Stage], place: _Place, step: int) -> float:
  """What a run costs from its place to one of its steps."""
  steps, cost = step - place.first, 0.0
  for stage, left in zip(stages[place.index :], place.left, strict=True):
    now = min(steps, left)
    steps, cost = steps - now, cost + now * stage.cost
  return cost


def _restore(keeper, stages, key, mesh) -> _Place:
  """The place of the newest checkpoint."""
  names = [stage.name for stage in stages]

  def like(position: checkpoints.Position) -> core.State:
    if position.stage not in names:
      raise UserError(
        f"{keeper.directory} holds a checkpoint of a stage "
        f"{position.stage!r} that this config does not have: "
        "use another --workdir."
      )
    return _abstract_state(stages[: names.index(position.stage) + 1], key, mesh)

  index, first, step, state = 0, 0, 0, None
  if restored := keeper.restore(like):
    first, (name, step), state = restored
    index = names.index(name)
  now, *later = (stage.num_steps for stage in stages[index:])
  return _Place(index, step, first, (max(now - step, 0), *later), state)


def _abstract_state(stages, key, mesh) -> core.State:
  """Shapes and shardings of the last stage's state, without running any."""
  state = None
  for stage in stages:
    state = jax.eval_shape(stage.init, key, state)
  return jax.tree.map(
    lambda where, part: jax.tree.map(
      lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=where), part
    ),
    sharding.placed(stages[-1].layout, mesh),
    state,
  )


def _init(stage, key, previous, run) -> core.State:
  """A stage's first state, born on every device, and its table of parameters."""
  init = jax.jit(stage.init, out_shardings=sharding.placed(stage.layout, run.mesh))
  state = init(key, previous)
  for name, params in state.params.items():
    if not jax.tree.leaves(params):
      continue
    logging.info(
      "stage %s: %s has %s parameters",
      stage.name,
      name,
      f"{parameter_overview.count_parameters(params):,}",
    )
    run.outlets.writer.text(
      f"parameters/{stage.name}/{name}",
      parameter_overview.get_parameter_overview(params),
    )
  return state


def _run_stages(
  run: _Run, stages: Sequence[core.Stage], key: jax.Array, place: _Place
) -> core.State:
  """Runs what is left of the stages."""
  state, offset = place.state, place.first - place.step
  for i in range(place.index, len(stages)):
    if state is None or i > place.index:
      state = _init(stages[i], jax.random.fold_in(key, i), state, run)
    state = _run_stage(run, stages[i], offset, state)
    offset += int(state.step)
  return state


def _steps_a_call(run: _Run, stage: core.Stage) -> int:
  """The most steps of one call that end where something is due."""
  if not run.scanned:
    return 1
  one = sum(x.nbytes for x in jax.tree.leaves(stage.batches(0, 1)))
  most = min(MAX_STEPS, max(MAX_BYTES // max(one, 1), 1))
  period = math.gcd(*(max(n, 0) for n in run.outlets.every)) or most
  return max(n for n in range(1, most + 1) if period % n == 0)


def _calls(start: int, stop: int, count: int) -> Iterator[tuple[int, int]]:
  """(first step, steps) of calls: `count` steps from each multiple of it, else one.

  So no more than two programs are compiled, wherever a run starts and ends.
  """
  while start < stop:
    steps = count if start % count == 0 and start + count <= stop else 1
    yield start, steps
    start += steps


def _run_stage(
  run: _Run, stage: core.Stage, offset: int, state: core.State
) -> core.State:
  """Runs the steps of a stage that are left."""
  every, writer = run.outlets.every, run.outlets.writer
  constants = sharding.replicate(stage.constants, run.mesh)
  whole = sharding.replicated(run.mesh)
  empty = jax.jit(stage.metrics.empty, out_shardings=whole)
  render = jax.jit(
    lambda state, batches, constants: stage.render(
      state, jax.tree.map(lambda x: x[0], batches) | constants
    ),
    out_shardings=whole,
  )
  compiled = functools.cache(
    lambda count: sharding.compile_update(stage, run.mesh, count, state, batches)
  )
  calls = list(_calls(int(state.step), stage.num_steps, _steps_a_call(run, stage)))
  seen, happens = empty(), events.Events(run.outlets, stage, offset)
  with contextlib.closing(prefetch.prefetch(stage, run.mesh, calls)) as fetched:
    for (first, count), batches in zip(calls, fetched, strict=True):
      show = functools.partial(render, batches=batches, constants=constants)
      if offset + first == 0 and every.image:
        writer.images(0, show(state))
      call, step = compiled(count), first + count
      run.profiler.before_call()
      start = time.perf_counter()
      state, seen = call(state, seen, batches, constants)
      jax.block_until_ready(seen)  # Else a signal would wait for all queued steps.
      happens.count(count, batches, time.perf_counter() - start)
      run.profiler.after_call(count)
      scalars = {}
      if happens.due(every.log, step):
        scalars, seen = happens.scalars(step, seen), empty()
      happens.after(step, state, scalars, show)
  return state
