r"""Tries and times every family on the device that JAX finds, such as a GPU.

  python -m benchmarks.accelerator --output=FOLDER [--configs=dcgan_anime,stylize]

It takes about half an hour, less where --compilers=8 processes at a time compile all
rows first. Each row is measured by a process of its own, so that the memory told is
that row's, and one that fails stops nothing. FOLDER gets report.md and report.json:

- whether two steps of `:tiny` give the same on the device as on the CPU;
- the time of a step in float32, in the device's own way (TF32 on a GPU) and, where
  the config has it, in bfloat16; with memory and the share of the chip's peak;
- the time with twice and four times as many images in a batch;
- single images per hour, if 1, 4 or 16 are trained at once;
- how many times as fast other programs are: --peers=FILE, a JSON list such as

    [{"config": "dcgan_anime", "changes": {"data.batch_size": 64}, "times": 1,
      "command": "python dcgan.py --batch=64 --device=cuda"}]

  Each command prints a line of JSON with `seconds_per_step`. It and a step of the
  config run in turn; `times` of its steps do what one of ours does. The ratio of
  medians is above 1 where ours is faster.
"""

import argparse
from collections.abc import Iterator, Sequence
import concurrent.futures
import contextlib
import importlib
import json
import pathlib
import shlex
import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks import scaling

CONFIGS = ("dcgan_anime", "consingan", "stylize", "gatys", "siamese")
TOGETHER = (1, 4, 16)  # Single images.
TOLERANCE = 0.02  # Of the optimizers' averages, as a share of their sum.


def rows(
  names: Sequence[str], variant: str, peers: Sequence[dict[str, Any]] = ()
) -> Iterator[dict[str, Any]]:
  """What is measured: {"what", "config", "variant", "precision", "changes"}.

  Args:
    names: of configs.
    variant: of the configs.
    peers: other programs, as above; their rows have "command" and "times" as well.
  """
  row = lambda what, name, variant=variant, precision="default", **changes: dict(
    what=what, config=name, variant=variant, precision=precision, changes=changes
  )
  for name in names:
    config = importlib.import_module(f"configs.{name}").get_config(variant)
    yield row("agreement", name, "tiny", "highest")
    for precision in ("highest", "default"):
      yield row("step", name, precision=precision)
    if "dtype" in config:
      yield row("step", name, precision="bfloat16", dtype="bfloat16")
    if batch_size := config.get("data", {}).get("batch_size", 0):
      for factor in (2, 4):
        yield row("step", name, **{"data.batch_size": factor * batch_size})
  if "consingan" in names:
    for count in TOGETHER:
      yield row("single images", "consingan", num_seeds=count)
  for peer in peers:
    named = row("beside", peer["config"], **peer.get("changes", {}))
    yield named | {"command": peer["command"], "times": peer.get("times", 1)}


def measure(row: dict[str, Any], steps: int) -> dict[str, Any]:
  """Measures one row, in this process."""
  import jax

  from jaxgan import runner
  from jaxgan.engine import profiler

  runner.setup()
  if row["precision"] != "bfloat16":
    jax.config.update("jax_default_matmul_precision", row["precision"])
  config = importlib.import_module(f"configs.{row['config']}").get_config(
    row["variant"]
  )
  config.update_from_flattened_dict(row["changes"])
  config = runner.prepared(config)
  found = {
    "agreement": agreement,
    "step": time_of_a_step,
    "beside": time_of_a_step,
    "single images": images_per_hour,
  }[row["what"]](config, steps)
  return found | {
    "device": jax.devices()[0].device_kind,
    "peak_memory_mib": profiler.peak_memory_mib(),
  }


def agreement(config, steps: int) -> dict[str, Any]:
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


def time_of_a_step(config, steps: int) -> dict[str, Any]:
  """The last stage's step, and its share of the chip's peak."""
  import jax

  from jaxgan import benchmark

  stages = scaling.stages_of(config)
  found = benchmark.measure(stages, config, -1, steps, 1)
  flops = flops_of_a_step(stages)
  kind = jax.devices()[0].device_kind.replace("TPU v5 lite", "v5e")
  chip = next((chip for name, chip in scaling.CHIPS.items() if name in kind), None)
  share = flops / found["seconds_per_step"] / chip.peak if chip else None
  return found | {"gflop": round(flops / 1e9, 3), "share_of_peak": share}


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
  seconds = [
    benchmark.measure(stages, config, i, steps, 1)["seconds_per_step"]
    for i in range(len(stages))
  ]
  total = sum(x * stage.num_steps for x, stage in zip(seconds, stages, strict=True))
  return {
    "seconds_per_step": seconds,
    "images_per_hour": round(3600 * config.num_seeds / total, 3),
  }


def in_its_own_process(row: dict[str, Any], steps: int) -> dict[str, Any]:
  """A row with what was measured, or with an "error"."""
  command = [sys.executable, "-m", "benchmarks.accelerator", f"--row={json.dumps(row)}"]
  return row | printed([*command, f"--steps={steps}"])


def compile_all(wanted: Sequence[dict[str, Any]], processes: int) -> None:
  """Measures rows side by side: the times are worth nothing, but the cache is full.

  It tells of each row how long that took, since it may be most of the time there is.
  """

  def compiled(row):
    start = time.monotonic()
    found = in_its_own_process(row, steps=1)
    seconds = time.monotonic() - start
    line = report([found]).splitlines()[-1]
    print(f"compiled and tried in {seconds:.0f} s: {line}", flush=True)

  with concurrent.futures.ThreadPoolExecutor(processes) as pool:
    list(pool.map(compiled, wanted))


def printed(command: Sequence[str]) -> dict[str, Any]:
  """What a command prints as its last line, of JSON; or {"error": its last words}."""
  try:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])
  except subprocess.CalledProcessError as failed:
    return {"error": (failed.stderr.strip().splitlines() or [str(failed)])[-1][:200]}
  except (OSError, IndexError, ValueError) as error:
    return {"error": str(error)[:200]}


def measured(row: dict[str, Any], steps: int, rounds: int) -> dict[str, Any]:
  """A row measured; beside a peer both in turn, as often as there are rounds."""
  if row["what"] != "beside":
    return in_its_own_process(row, steps)
  ours, theirs = [], []
  for _ in range(rounds):
    theirs.append(printed(shlex.split(row["command"])))
    ours.append(in_its_own_process(row, steps))
  if failed := [found for found in (*theirs, *ours) if "error" in found]:
    return row | failed[0]
  ours_median, peer = (
    statistics.median(found["seconds_per_step"] for found in all_found)
    for all_found in (ours, theirs)
  )
  return ours[-1] | {
    "seconds_per_step": ours_median,
    "peer_seconds_per_step": peer,
    "times_as_fast": row["times"] * peer / ours_median,
  }


def report(found: Sequence[dict[str, Any]]) -> str:
  """All rows as one table in Markdown."""
  number = lambda x: f"{x:.4g}" if isinstance(x, float) else str(x)
  header = ["what", "config", "precision", "changed", "result", "memory, MiB"]
  results = (
    *("agrees", "difference", "seconds_per_step", "images_per_second"),
    *("share_of_peak", "images_per_hour"),
    *("peer_seconds_per_step", "times_as_fast", "error"),
  )
  cells = []
  for row in found:
    known = [
      f"{name} {number(row[name])}"
      for name in results
      if row.get(name) is not None and not isinstance(row[name], list)
    ]
    changed = ", ".join(f"{name}={value}" for name, value in row["changes"].items())
    name = f"`{row['config']}:{row['variant']}`"
    cells.append(
      [
        *(row["what"], name, row["precision"], changed, "; ".join(known)),
        number(row.get("peak_memory_mib", "")),
      ]
    )
  device = next((row["device"] for row in found if "device" in row), "no device")
  return f"# {device}\n\n{scaling.table(header, cells)}\n"


def main(argv: Sequence[str]) -> int:
  """Measures everything; 1 if a row failed or does not agree."""
  parser = argparse.ArgumentParser(
    prog="python -m benchmarks.accelerator",
    description=__doc__,
    formatter_class=argparse.RawDescriptionHelpFormatter,
  )
  add = parser.add_argument
  names = lambda text: text.split(",") if text else []
  add("--output", type=pathlib.Path, default="accelerator", help="(%(default)s)")
  add("--configs", type=names, default=list(CONFIGS), help=",".join(CONFIGS))
  add("--variant", default="full", help="of the configs: full, or tiny for a trial")
  add("--steps", type=int, default=20, help="timed calls of a row (%(default)s)")
  add("--peers", type=pathlib.Path, help="JSON file of other programs; see above")
  add("--rounds", type=int, default=3, help="beside each peer (%(default)s)")
  add("--compilers", type=int, default=0, help="processes that compile all rows first")
  add("--row", type=json.loads, help=argparse.SUPPRESS)
  options = parser.parse_args(argv)
  if options.row:
    print(json.dumps(measure(options.row, options.steps)))
    return 0
  if unknown := set(options.configs) - set(CONFIGS):
    parser.error(f"--configs: {', '.join(unknown)}? Known are {', '.join(CONFIGS)}.")
  options.output.mkdir(parents=True, exist_ok=True)
  peers = json.loads(options.peers.read_text()) if options.peers else []
  wanted = list(rows(options.configs, options.variant, peers))
  if options.compilers:
    compile_all(wanted, options.compilers)
  found = []
  for row in wanted:
    found.append(measured(row, options.steps, options.rounds))
    print(report(found[-1:]).splitlines()[-1], flush=True)
    # After each row, as the device may be gone at any time.
    (options.output / "report.json").write_text(json.dumps(found, indent=1) + "\n")
    (options.output / "report.md").write_text(report(found))
  return int(any("error" in row or row.get("agrees") is False for row in found))


if __name__ == "__main__":
  sys.exit(main(sys.argv[1:]))
