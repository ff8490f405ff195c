"""The one loop: stages -> restore -> compile -> steps, and the hooks between them."""

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
  interrupt,
  prefetch,
  profiler,
  same_data,
  sharding,
  summaries,
)
from jaxgan.engine.hooks import Every, Hooks, Shared, evaluation_due
from jaxgan.engine.profiler import Profile
from jaxgan.engine.saver import Saver
from jaxgan.errors import UserError

# Most steps of one call, where a call is a scan: enough to hide the host's work, and
# no more than memory holds batches of (those of three calls are on the device at once).
MAX_STEPS, MAX_BYTES = 100, 2**28


class _Run(NamedTuple):
  """What all stages of a run share."""

  mesh: jax.sharding.Mesh
  shared: Shared
  profiler: profiler.Profiler
  scanned: bool | None


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

  A stage that has done its steps, or more since its length was lowered, is over. A
  checkpoint whose evaluation is due and missing, because the run was stopped before the
  evaluation ended, is evaluated first.

  Args:
    stages: what to run, in order.
    workdir: gets `checkpoints/`, `images/`, `metrics.jsonl` and TensorBoard's events;
      the caller holds its `workdir.lock`.
    seed: everything random in the run derives from it.
    every: how often to log, render, save and evaluate; what is evaluated is saved
      before.
    keep: how many of the newest checkpoints to keep.
    best: the evaluation's result whose lowest value marks the best checkpoint, which is
      kept as well.
    profile: a profiler trace on request, in `workdir/profile`.
    config: shown in TensorBoard.
    scanned: see `steps_a_call`.

  Returns:
    The last state.

  Raises:
    UserError: NaN or Inf, a disk that is full, a batch that devices cannot share.
    Interrupted: on SIGTERM or SIGINT, after saving.
  """
  mesh = sharding.make_mesh()
  key = jax.random.key(seed)
  with contextlib.ExitStack() as stack:
    signals = stack.enter_context(interrupt.Interrupt())
    saver = stack.enter_context(Saver(workdir / "checkpoints", keep=keep, best=best))
    every = every or Every()
    start = _restore(saver, stages, every, key, mesh)
    if start.total == 0:
      raise UserError("this config has no steps: raise config.num_steps.")
    if start.run_step == start.total:
      logging.info(
        "already done: step %d of %d, in %s", start.run_step, start.total, workdir
      )
      if not start.evaluates:
        return start.state
    elif start.state:
      logging.info("continuing at step %d of %d", start.run_step, start.total)
    same_data.remark(workdir, stages, begun=start.state is not None)
    writer = stack.enter_context(
      summaries.Summaries(
        workdir,
        first_step=start.run_step,
        num_steps=start.total,
        work=functools.partial(_work, stages, start),
      )
    )
    writer.config(config or {})
    run = _Run(
      mesh,
      Shared(workdir, every, saver, writer, signals),
      stack.enter_context(profiler.Profiler(profile or Profile(), workdir / "profile")),
      scanned,
    )
    with sharding.together():
      state = _run_stages(run, stages, key, start)
      saver.wait()
  return state


class _Start(NamedTuple):
  """Where a run starts: at its beginning, or at its newest checkpoint."""

  index: int  # Of the stage.
  step: int  # Steps of the stage that are done...
  run_step: int  # ...and of the run.
  left: tuple[int, ...]  # Steps to do of this stage and of those after it.
  state: core.State | None  # None at the beginning.
  evaluates: bool  # Whether the checkpoint's evaluation is due and missing.

  @property
  def total(self) -> int:
    """Steps of the run when it is done."""
    return self.run_step + sum(self.left)


def _work(stages: Sequence[core.Stage], start: _Start, run_step: int) -> float:
  """The cost of a run's steps from its start to one of its steps."""
  steps, cost = run_step - start.run_step, 0.0
  for stage, left in zip(stages[start.index :], start.left, strict=True):
    now = min(steps, left)
    steps, cost = steps - now, cost + now * stage.cost
  return cost


def _restore(
  saver: Saver,
  stages: Sequence[core.Stage],
  every: Every,
  key: jax.Array,
  mesh: jax.sharding.Mesh,
) -> _Start:
  """Reads the newest checkpoint, if there is one."""
  names = [stage.name for stage in stages]

  def like(position: checkpoints.Position) -> core.State:
    if position.stage not in names:
      raise UserError(
        f"{saver.directory} holds a checkpoint of a stage "
        f"{position.stage!r} that this config does not have: "
        "use another --workdir."
      )
    return _abstract_state(stages[: names.index(position.stage) + 1], key, mesh)

  index, step, run_step, state = 0, 0, 0, None
  if restored := saver.restore(like):
    run_step, (name, step), state = restored
    index = names.index(name)
  now, *later = (stage.num_steps for stage in stages[index:])
  left = (max(now - step, 0), *later)
  due = evaluation_due(stages[index], every, step)
  evaluates = due and not saver.evaluated(run_step)
  return _Start(index, step, run_step, left, state, evaluates)


def _abstract_state(
  stages: Sequence[core.Stage], key: jax.Array, mesh: jax.sharding.Mesh
) -> core.State:
  """Shapes and shardings of the last stage's state; computes nothing."""
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


def _init(
  run: _Run, stage: core.Stage, key: jax.Array, previous: core.State | None
) -> core.State:
  """A stage's first state, made on the devices; shows its table of parameters."""
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
    run.shared.writer.text(
      f"parameters/{stage.name}/{name}",
      # Statistics need all values, of which other processes may hold a part.
      parameter_overview.get_parameter_overview(
        params, include_stats=jax.process_count() == 1
      ),
    )
  return state


def _run_stages(
  run: _Run, stages: Sequence[core.Stage], key: jax.Array, start: _Start
) -> core.State:
  """Runs what is left of the stages."""
  state, offset = start.state, start.run_step - start.step
  for i in range(start.index, len(stages)):
    if state is None or i > start.index:
      state = _init(run, stages[i], jax.random.fold_in(key, i), state)
    hooks = Hooks(run.shared, stages[i], offset)
    if start.evaluates and i == start.index:
      hooks.evaluate(start.run_step, state)
    state = _run_stage(run, stages[i], hooks, state)
    offset += int(state.step)
  return state


def steps_a_call(stage: core.Stage, every: Every, scanned: bool | None = None) -> int:
  """The most steps that one call may run so that calls end where something is due.

  Args:
    stage: whose batches must fit into memory.
    every: when something is due.
    scanned: whether one call runs many steps in a `lax.scan`; by default not on CPU,
      where a convolution's weight gradient inside a loop is slow.
  """
  if not (jax.default_backend() != "cpu" if scanned is None else scanned):
    return 1
  batch_bytes = sum(x.nbytes for x in jax.tree.leaves(stage.batches(0, 1)))
  most = min(MAX_STEPS, max(MAX_BYTES // max(batch_bytes, 1), 1))
  period = math.gcd(*every) or most
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
  run: _Run, stage: core.Stage, hooks: Hooks, state: core.State
) -> core.State:
  """Runs the steps of a stage that are left, from one of its states."""
  most = steps_a_call(stage, run.shared.every, run.scanned)
  calls = list(_calls(int(state.step), stage.num_steps, most))
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
  metrics = empty()
  with contextlib.closing(prefetch.prefetch(stage, run.mesh, calls)) as fetched:
    for first, count in calls:
      start = time.perf_counter()
      batches = next(fetched)
      waited = time.perf_counter() - start
      render_now = functools.partial(render, batches=batches, constants=constants)
      if first == 0:
        hooks.before(state, render_now)
      call, step = compiled(count), first + count
      run.profiler.before_call()
      start = time.perf_counter()
      state, metrics = call(state, metrics, batches, constants)
      jax.block_until_ready(metrics)  # Else a signal would wait for all queued steps.
      hooks.count(count, batches, waited + time.perf_counter() - start)
      run.profiler.after_call(count)
      scalars = {}
      if hooks.due(run.shared.every.log, step):
        scalars, metrics = hooks.scalars(step, metrics), empty()
      hooks.after(step, state, scalars, render_now)
  return state
