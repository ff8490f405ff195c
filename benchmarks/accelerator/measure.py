"""Measures one row, in the process that it has to itself."""

import contextlib
from typing import Any

from benchmarks import scaling
from benchmarks.accelerator import rows

TOLERANCE = 0.02  # Of the optimizers' averages, as a share of their sum.


def measure(row: dict[str, Any], steps: int) -> dict[str, Any]:
  """Measures one row, in this process."""
  import jax

  from jaxgan import runner
  from jaxgan.engine import profiler

  runner.setup()
  if row["precision"] != "bfloat16":
    jax.config.update("jax_default_matmul_precision", row["precision"])
  config = rows.load(row["config"], row["variant"])
  config.update_from_flattened_dict(row["changes"])
  config = runner.prepared(config)
  if row["what"] == "agreement":
    found = agreement(config)
  elif row["what"] == "single images":
    found = images_per_hour(config, steps)
  else:
    found = time_of_a_step(config, steps, row["steps_a_call"])
  return found | {
    "device": jax.devices()[0].device_kind,
    "peak_memory_mib": profiler.peak_memory_mib(),
  }


def agreement(config) -> dict[str, Any]:
  """Two steps on the device with XLA's convolutions, and on the CPU."""
  import jax
  import numpy as np

  from jaxgan.ops import lowering

  stages = scaling.stages_of(config)

  def averages(device, portable):
    key, state = jax.random.key(0), None
    with jax.default_device(device):
      for stage in stages:
        state = jax.jit(stage.init)(key, state)
      last = stages[-1]
      update = jax.jit(lambda *both: last.update(*both))  # New, so traced anew.
      for step in range(2):
        batch = jax.tree.map(lambda x: x[0], last.batches(step, 1)) | last.constants
        with lowering.portable() if portable else contextlib.nullcontext():
          state, _ = update(state, batch)
    return np.concatenate([np.ravel(x) for x in jax.tree.leaves(state.opt)])

  got = averages(jax.devices()[0], portable=True)
  want = averages(jax.devices("cpu")[0], portable=False)
  difference = float(np.abs(got - want).sum() / np.abs(want).sum())
  return {"difference": difference, "agrees": difference <= TOLERANCE}


def time_of_a_step(config, calls: int, steps_a_call: int | None) -> dict[str, Any]:
  """The last stage's step, and its share of the chip's peak."""
  from jaxgan import benchmark

  stages = scaling.stages_of(config)
  if steps_a_call:  # Long calls are steady, and so fewer do.
    calls = max(3, min(calls, 20 * calls // steps_a_call))
  found = benchmark.measure(stages, config, -1, calls, 1, steps_a_call)
  flops = flops_of_a_step(stages)
  share = share_of_peak(flops, found["seconds_per_step"])
  return found | {"gflop": round(flops / 1e9, 3), "share_of_peak": share}


def share_of_peak(flops: float, seconds: float) -> float | None:
  """Of the products that JAX computes by default; None for an unknown chip."""
  import jax

  kind = jax.devices()[0].device_kind.replace("TPU v5 lite", "v5e")
  chip = next((chip for name, chip in scaling.CHIPS.items() if name in kind), None)
  return flops / seconds / chip.peak if chip else None


def flops_of_a_step(stages) -> float:
  """Of the last stage, as JAX states it; a GPU's program hides it in library calls."""
  import jax

  from jaxgan.ops import lowering

  last = stages[-1]
  batch = jax.tree.map(lambda x: x[0], last.batches(0, 1)) | last.constants
  update = jax.jit(lambda *both: last.update(*both))  # New, so traced anew.
  with lowering.portable(), jax.default_device(jax.devices("cpu")[0]):
    lowered = update.lower(scaling.shapes_of(stages), batch)
  return lowered.cost_analysis()["flops"]


def images_per_hour(config, steps: int) -> dict[str, Any]:
  """From the times of all stages' steps: nothing is trained to its end."""
  from jaxgan import benchmark

  stages = scaling.stages_of(config)
  seconds, total, flops = [], 0.0, 0.0
  for i, stage in enumerate(stages):
    found = benchmark.measure(stages, config, i, steps, 1)
    seconds.append(found["seconds_per_step"])
    total += stage.num_steps * seconds[-1]
    flops += stage.num_steps * flops_of_a_step(stages[: i + 1])
  return {
    "seconds_per_step": seconds,
    "images_per_hour": round(3600 * config.num_seeds / total, 3),
    "share_of_peak": share_of_peak(flops, total),
  }
