"""What happens between the steps of a stage: log, show, evaluate, save, stop."""

from collections.abc import Callable
import math
import pathlib
from typing import Any, NamedTuple

import jax

from jaxgan.engine import checkpoints, core, interrupt, profiler, summaries
from jaxgan.engine import saver as saver_lib
from jaxgan.errors import Interrupted, UserError


class Every(NamedTuple):
  """Periods in steps; 0 means only at the end, and of evaluation never."""

  log: int = 50
  image: int = 500
  checkpoint: int = 1000
  evaluate: int = 0


class Outlets(NamedTuple):
  """Where the stages of a run put what they have to say."""

  workdir: pathlib.Path
  every: Every
  saver: saver_lib.Saver
  writer: summaries.Summaries
  signals: interrupt.Interrupt


class Events:
  """What happens between the steps of one stage.

  Args:
    outlets: shared by the stages.
    stage: the stage.
    offset: steps of the run before it.
  """

  def __init__(self, outlets: Outlets, stage: core.Stage, offset: int):
    self._outlets, self._stage, self._offset = outlets, stage, offset
    self._steps, self._images, self._seconds = 0, 0, 0.0
    self._logged: dict[str, float] = {}
    self._said: set[str] = set()

  def due(self, period: int, step: int) -> bool:
    """Whether something of a period happens after a step of the stage."""
    return step == self._stage.num_steps or (period > 0 and step % period == 0)

  def count(self, steps: int, batches: Any, seconds: float) -> None:
    """Notes what one call did and took."""
    self._steps += steps
    self._images += steps * max(
      (x.shape[1] for x in jax.tree.leaves(batches)), default=0
    )
    self._seconds += seconds

  def scalars(self, step: int, seen: Any) -> dict[str, float]:
    """The numbers gathered since the last time, and the speed.

    Raises:
      UserError: if one is NaN or Inf, or a checkpoint could not be written.
    """
    self._outlets.saver.check()
    run_step = self._offset + step
    scalars = {name: float(value) for name, value in seen.compute().items()}
    for name, value in scalars.items():
      if not math.isfinite(value):
        self._outlets.saver.wait()
        raise UserError(
          f"{name} is {value} at step {run_step}; "
          f"{self._outlets.saver.kept()}. Lower the learning rate."
        )
    for line in self._stage.remarks(self._logged, scalars):
      if line not in self._said:
        self._said.add(line)
        self._outlets.writer.announce("step %d: %s", run_step, line)
    self._logged = scalars
    speed = {"steps_per_second": self._steps / self._seconds}
    if self._images:
      speed["images_per_second"] = self._images / self._seconds
    speed["peak_memory_mib"] = profiler.peak_memory_mib()
    self._steps, self._images, self._seconds = 0, 0, 0.0
    return scalars | speed

  def after(
    self,
    step: int,
    state: core.State,
    scalars: dict[str, float],
    show: Callable[[core.State], dict[str, jax.Array]],
  ) -> None:
    """Writes scalars, if any; shows, evaluates and saves what is due.

    Raises:
      UserError: if the weights hold NaN or Inf, or the disk takes nothing more.
      Interrupted: if a signal came; the state is saved first.
    """
    every, saver, writer = self._outlets[1:4]
    run_step = self._offset + step
    stop = self._outlets.signals.received()
    evaluates = bool(
      self._stage.evaluate
      and every.evaluate
      and not stop
      and self.due(every.evaluate, step)
    )
    saves = stop or evaluates or self.due(every.checkpoint, step)
    if saves:
      saver.check_finite(run_step, state)
    results = dict(self._stage.evaluate(state)) if evaluates else {}
    if scalars or results:
      writer.scalars(run_step, scalars | results)
    writer.progress(run_step)
    if self.due(every.image, step) and not stop:  # Who stops us may not wait for long.
      writer.images(run_step, show(state))
    if saves:
      saver.save(run_step, checkpoints.Position(self._stage.name, step), state, results)
      writer.flush()
    if stop:
      saver.wait()
      raise Interrupted(
        stop,
        f"stopped by signal {stop}: step {run_step} is saved in "
        f"{self._outlets.workdir}; the same command continues there.",
      )
