"""What is done between the steps of a stage: log, render, save, evaluate, stop."""

from collections.abc import Callable
import math
import pathlib
from typing import Any, NamedTuple

import jax

from jaxgan.engine import checkpoints, core, interrupt, profiler, summaries
from jaxgan.engine.saver import Saver
from jaxgan.errors import Interrupted

# Steps of a run after which it shows images, whatever their period is: so that nobody
# has to wait to see that it works.
EARLY = (10, 20, 50, 100, 200, 500)


class Every(NamedTuple):
  """Periods in steps; 0 means only at the end, and of evaluation never."""

  log: int = 50
  image: int = 500
  checkpoint: int = 1000
  evaluate: int = 0


def evaluation_due(stage: core.Stage, every: Every, step: int) -> bool:
  """Whether an evaluation is due after a step of a stage."""
  if not (step and every.evaluate and stage.evaluate):
    return False
  return step == stage.num_steps or step % every.evaluate == 0


class Shared(NamedTuple):
  """What the hooks of all stages of a run share."""

  workdir: pathlib.Path
  every: Every
  saver: Saver
  writer: summaries.Summaries
  signals: interrupt.Interrupt


class Hooks:
  """What is done between the steps of one stage.

  Args:
    shared: shared by the stages of the run.
    stage: the stage.
    offset: steps of the run before it.
  """

  def __init__(self, shared: Shared, stage: core.Stage, offset: int):
    self._shared, self._stage, self._offset = shared, stage, offset
    self._steps, self._images, self._seconds = 0, 0, 0.0
    self._logged: dict[str, float] = {}
    self._remarks: set[str] = set()

  def due(self, period: int, step: int) -> bool:
    """Whether something with a period is done after a step of the stage."""
    return step == self._stage.num_steps or (period > 0 and step % period == 0)

  def images_due(self, step: int) -> bool:
    """Whether images are rendered after a step of the stage: often at first."""
    period = self._shared.every.image
    early = self._offset == 0 and step in EARLY and step < period
    return early or self.due(period, step)

  def before(
    self, state: core.State, render: Callable[[core.State], dict[str, jax.Array]]
  ) -> None:
    """Renders the first state of the run, if images are asked for."""
    if self._offset == 0 and self._shared.every.image:
      self._shared.writer.images(0, render(state))

  def count(self, steps: int, batches: Any, seconds: float) -> None:
    """Adds up steps, images and time, from which the speed follows.

    The time is that of the steps and of waiting for their batches, not of hooks.
    """
    self._steps += steps
    self._images += steps * max(
      (x.shape[1] for x in jax.tree.leaves(batches)), default=0
    )
    self._seconds += seconds

  def scalars(self, step: int, metrics: Any) -> dict[str, float]:
    """The scalars gathered since the last time, and the speed.

    Raises:
      UserError: if one is NaN or Inf, or a checkpoint could not be written.
    """
    saver = self._shared.saver
    saver.check()
    run_step = self._offset + step
    scalars = {name: float(value) for name, value in metrics.compute().items()}
    for name, value in scalars.items():
      if not math.isfinite(value):
        raise saver.diverged(f"{name} is {value} at step {run_step}")
    for line in self._stage.remarks(self._logged, scalars):
      if line not in self._remarks:
        self._remarks.add(line)
        self._shared.writer.announce("step %d: %s", run_step, line)
    self._logged = scalars
    speed = {"steps_per_second": self._steps / self._seconds}
    if self._images:
      speed["images_per_second"] = self._images / self._seconds
    speed["peak_memory_mib"] = profiler.peak_memory_mib()
    self._steps, self._images, self._seconds = 0, 0, 0.0
    return speed | scalars

  def after(
    self,
    step: int,
    state: core.State,
    scalars: dict[str, float],
    render: Callable[[core.State], dict[str, jax.Array]],
  ) -> None:
    """Writes scalars, if any; renders, saves and evaluates what is due.

    Whoever sends a signal does not wait for images or an evaluation. An evaluation
    that is left out so is made when the run is continued.

    Raises:
      UserError: if the state holds NaN or Inf, or the disk is full.
      Interrupted: if a signal came; the state is saved first.
    """
    every, saver, writer = self._shared[1:4]
    run_step = self._offset + step
    stop = self._shared.signals.received()
    evaluates = evaluation_due(self._stage, every, step)
    saves = stop or evaluates or self.due(every.checkpoint, step)
    if saves:
      saver.check_finite(run_step, state)
    if scalars:
      writer.scalars(run_step, scalars)
    writer.progress(run_step)
    if self.images_due(step) and not stop:
      writer.images(run_step, render(state))
    if saves:
      saver.save(run_step, checkpoints.Position(self._stage.name, step), state)
      writer.flush()
    if stop:
      saver.wait()
      raise Interrupted(
        stop,
        f"stopped by signal {stop}: step {run_step} is saved in "
        f"{self._shared.workdir}; the same command continues there.",
      )
    if evaluates:
      self.evaluate(run_step, state)

  def evaluate(self, run_step: int, state: core.State) -> None:
    """Evaluates a state that is saved or being saved, and records the results.

    The checkpoint is safe whatever happens in between: an evaluation that failed or was
    killed is repeated when the run is continued.
    """
    saver = self._shared.saver
    results = {name: float(value) for name, value in self._stage.evaluate(state)}
    saver.wait()  # So that next to no time is left to be killed between these two.
    self._shared.writer.scalars(run_step, results)
    saver.record(run_step, results)
