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
import numpy as np

from jaxgan.engine import checkpoints, core, interrupt, prefetch, sharding, summaries
from jaxgan.errors import Interrupted, UserError


class Every(NamedTuple):
  """Periods in steps; 0 means only at the end."""

  log: int = 50
  image: int = 500
  checkpoint: int = 1000
  evaluate: int = 0


class Profile(NamedTuple):
  """A `jax.profiler` trace of `steps` steps, `after` some to let things settle."""

  steps: int = 0
  after: int = 10


class _Run(NamedTuple):
  """What all stages of a run share."""

  workdir: pathlib.Path
  mesh: jax.sharding.Mesh
  saver: checkpoints.Checkpoints
  writer: summaries.Summaries
  signals: interrupt.Interrupt
  every: Every
  profile: Profile
  scanned: bool


def train(stages: Sequence[core.Stage], *, workdir: pathlib.Path, seed: int = 0,
          every: Every | None = None, keep: int = 3, best: str = "",
          profile: Profile | None = None, config: Mapping[str, Any] | None = None,
          scanned: bool | None = None) -> core.State:
  """Runs stages to their end, from the newest checkpoint if there is one.

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
  offsets = np.cumsum([0] + [stage.num_steps for stage in stages]).tolist()
  with contextlib.ExitStack() as stack:
    signals = stack.enter_context(interrupt.Interrupt())
    saver = stack.enter_context(checkpoints.Checkpoints(
        workdir / "checkpoints", keep=keep, best=best))
    index, state = _restore(saver, stages, key, mesh)
    first = offsets[index] + (int(state.step) if state else 0)
    if first == offsets[-1]:
      logging.info("already done: step %d of %d, in %s", first, first, workdir)
      return state
    if state:
      logging.info("continuing at step %d of %d", first, offsets[-1])
    writer = stack.enter_context(summaries.Summaries(
        workdir, first_step=first, num_steps=offsets[-1]))
    writer.config(config or {})
    run = _Run(workdir, mesh, saver, writer, signals, every or Every(),
               profile or Profile(),
               jax.default_backend() != "cpu" if scanned is None else scanned)
    for i in range(index, len(stages)):
      if state is None or i > index:
        state = _init(stages[i], jax.random.fold_in(key, i), state, run)
      state = _run_stage(run, stages[i], offsets[i], state)
    saver.wait()
  return state


def _restore(saver, stages, key, mesh) -> tuple[int, core.State | None]:
  """Index of the stage to go on with, and its state (None: from the beginning)."""
  names = [stage.name for stage in stages]
  for run_step, position in saver.newest_first():
    if position.stage not in names:
      raise UserError(f"the checkpoint of step {run_step} is of a stage "
                      f"{position.stage!r} that this config does not have: "
                      "use another --workdir.")
    index = names.index(position.stage)
    try:
      return index, saver.restore(run_step, _abstract_state(stages, index, key, mesh))
    except Exception as error:  # Orbax raises whatever the damage makes it raise.
      saver.set_aside(run_step, error)
  return 0, None


def _abstract_state(stages, index, key, mesh) -> core.State:
  """Shapes and shardings of a stage's state, without running the stages before."""
  state = None
  for stage in stages[:index + 1]:
    state = jax.eval_shape(stage.init, key, state)
  return jax.tree.map(lambda x: jax.ShapeDtypeStruct(
      x.shape, x.dtype, sharding=sharding.replicated(mesh)), state)


def _init(stage, key, previous, run) -> core.State:
  """A stage's first state, born on every device, and its table of parameters."""
  init = jax.jit(stage.init, out_shardings=sharding.replicated(run.mesh))
  state = init(key, previous)
  for name, params in state.params.items():
    logging.info("stage %s: %s has %s parameters", stage.name, name,
                 f"{parameter_overview.count_parameters(params):,}")
    run.writer.text(f"parameters/{stage.name}/{name}",
                    parameter_overview.get_parameter_overview(params))
  return state


def _calls(start: int, stop: int, count: int) -> Iterator[tuple[int, int]]:
  """(first step, number of steps) of calls that end at multiples of `count`."""
  while start < stop:
    end = min(stop, (start // count + 1) * count)
    yield start, end - start
    start = end


def _run_stage(run: _Run, stage: core.Stage, offset: int,
               state: core.State) -> core.State:
  """Runs the steps of a stage that are left."""
  constants = sharding.replicate(stage.constants, run.mesh)
  whole = sharding.replicated(run.mesh)
  empty = jax.jit(stage.metrics.empty, out_shardings=whole)
  render = jax.jit(lambda state, batches, constants: stage.render(
      state, jax.tree.map(lambda x: x[0], batches) | constants), out_shardings=whole)
  compiled = functools.cache(lambda count: sharding.compile_update(
      stage, run.mesh, count, state, batches))
  count = math.gcd(*(n for n in run.every if n)) if run.scanned else 1
  calls = list(_calls(int(state.step), stage.num_steps, max(count, 1)))
  seen, events = empty(), _Events(run, stage, offset)
  for (first, count), batches in zip(
      calls, prefetch.prefetch(stage, run.mesh, calls), strict=True):
    show = functools.partial(render, batches=batches, constants=constants)
    if first == 0 and run.every.image:
      run.writer.images(offset, show(state))
    call = compiled(count)
    start = time.perf_counter()
    state, seen = call(state, seen, batches, constants)
    jax.block_until_ready(seen)  # Else a signal would wait for all queued steps.
    events.count(count, batches, time.perf_counter() - start)
    if events.due(run.every.log, first + count):
      events.log(first + count, seen)
      seen = empty()
    events.show_and_save(first + count, state, show)
  return state


class _Events:
  """What happens between the steps of a stage."""

  def __init__(self, run: _Run, stage: core.Stage, offset: int):
    self._run, self._stage, self._offset = run, stage, offset
    self._steps, self._images, self._seconds, self._calls = 0, 0, 0.0, 0
    self._announced: dict[str, float] = {}

  def due(self, period: int, step: int) -> bool:
    """Whether something of a period happens after a step of the stage."""
    return step == self._stage.num_steps or (bool(period) and step % period == 0)

  def count(self, steps: int, batches: Any, seconds: float) -> None:
    """Notes what one call did and took."""
    self._steps += steps
    self._images += steps * max((x.shape[1] for x in jax.tree.leaves(batches)),
                                default=0)
    self._seconds += seconds
    self._calls += 1
    self._trace()

  def log(self, step: int, seen: Any) -> None:
    """Writes the scalars gathered since the last time; stops at NaN and Inf."""
    scalars = {name: float(value) for name, value in seen.compute().items()}
    run_step = self._offset + step
    for name, value in scalars.items():
      if not math.isfinite(value):
        self._run.saver.wait()
        raise UserError(f"{name} is {value} at step {run_step}; "
                        f"{self._run.saver.kept()}. Lower the learning rate.")
      if name in self._stage.announce and value != self._announced.get(name, value):
        self._run.writer.announce("step %d: %s %.3g -> %.3g", run_step, name,
                                  self._announced[name], value)
    self._announced = scalars
    scalars["steps_per_second"] = self._steps / self._seconds
    if self._images:
      scalars["images_per_second"] = self._images / self._seconds
    self._run.writer.scalars(run_step, scalars)
    self._steps, self._images, self._seconds = 0, 0, 0.0

  def show_and_save(self, step: int, state: core.State, show: Any) -> None:
    """Renders, evaluates and saves what is due; stops if a signal came."""
    run, every, run_step = self._run, self._run.every, self._offset + step
    run.writer.progress(run_step)
    if self.due(every.image, step):
      run.writer.images(run_step, show(state))
    results = {}
    if self._stage.evaluate and every.evaluate and self.due(every.evaluate, step):
      results = dict(self._stage.evaluate(state))
      run.writer.scalars(run_step, results)
    stop = run.signals.received()
    if stop or results or self.due(every.checkpoint, step):
      run.saver.save(run_step, checkpoints.Position(self._stage.name, step), state,
                     results or None)
    if stop:
      run.saver.wait()
      raise Interrupted(stop, f"stopped by signal {stop}: step {run_step} is saved in "
                        f"{run.workdir}; the same command continues there.")

  def _trace(self) -> None:
    """Starts and stops the profiler's trace."""
    steps, after = self._run.profile
    if steps and self._calls == after:
      jax.profiler.start_trace(str(self._run.workdir / "profile"))
    elif steps and self._calls == after + steps:
      jax.profiler.stop_trace()
      self._run.writer.announce("profile in %s", self._run.workdir / "profile")
