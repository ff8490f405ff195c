r"""What a training step computes, holds and sends on 1 to 64 devices; Markdown tables.

  python -m benchmarks.scaling [--devices=1,2,8,64] [--configs=dcgan_anime,consingan]

No accelerator is needed: XLA compiles each step for so many virtual CPU devices, with
its own convolutions, and the compiled program tells. The times are arithmetic.
"""

import argparse
from collections.abc import Mapping, Sequence
import importlib
import json
import math
import os
import re
import subprocess
import sys
from typing import Any, NamedTuple

# (config, what is changed for so many devices)
CASES = {
  "dcgan_anime": lambda devices: {
    "data.batch_size": 16 * devices,
    "data.num_drawn": 1_200,  # Enough to make the step.
    "data.holdout": 100,
  },
  "consingan": lambda devices: {"image": "shipped:rocket", "num_seeds": 64},
}
KINDS = "all-reduce|all-gather|all-to-all|reduce-scatter|collective-permute"
BYTES = {"pred": 1, "s8": 1, "u8": 1, "bf16": 2, "f16": 2, "s64": 8, "u64": 8, "f64": 8}
LATENCY = 20e-6  # Seconds of a collective of no length; an assumption.


class Chip(NamedTuple):
  """Published numbers; docs/scaling.md names where.

  Attributes:
    peak: FLOP/s of products of float32 as JAX computes them by default.
    memory: bytes/s to and from its memory.
    link: bytes/s that it can send to others.
  """

  peak: float
  memory: float
  link: float


CHIPS = {
  "H100": Chip(494.7e12, 3.35e12, 450e9),  # TF32; NVLink is 900 GB/s both ways.
  "v5e": Chip(197e12, 819e9, 200e9),  # Passes of bfloat16; 1,600 Gbit/s.
}
PLACES = (("H100", 8), ("v5e", 64))  # What times are computed for, and on one of each.


def collectives(text: str) -> dict[str, tuple[int, int]]:
  """What a compiled program sends: {kind: (how often it is called for, bytes)}.

  Args:
    text: the program in XLA's language. What is in a loop counts once.
  """
  result = {}
  for shapes, kind in re.findall(rf"= (.+?) ({KINDS})(?:-start)?\(", text):
    size = sum(
      BYTES.get(dtype, 4) * math.prod(int(n) for n in shape.split(",") if n)
      for dtype, shape in re.findall(r"([a-z]+\d*)\[([\d,]*)\]", shapes)
    )
    count, total = result.get(kind, (0, 0))
    result[kind] = (count + 1, total + size)
  return result


def stages_of(config) -> list:
  """The stages of a config; of many images, those of the first group."""
  from jaxgan import runner
  from jaxgan.experiments import extra

  family = runner.find_family(config.experiment)
  parts = extra(family, "parts")(config)
  return parts[0].stages if parts else family.stages(config)


def shapes_of(stages):
  """The shapes of the last stage's state; computes nothing."""
  import jax

  state = None
  for stage in stages:
    state = jax.eval_shape(stage.init, jax.random.key(0), state)
  return state


def compiled_step(config, devices: int):
  """The step of a config's last stage, compiled for the first so many devices."""
  from jaxgan.engine import sharding
  from jaxgan.ops import lowering

  stages = stages_of(config)
  state = shapes_of(stages)
  batches = stages[-1].batches(0, 1)
  with lowering.portable():
    return sharding.compile_update(
      stages[-1], sharding.make_mesh(devices), 1, state, batches
    )


def measure(name: str, devices: int, variant: str = "full") -> dict[str, Any]:
  """What the compiled step of a config tells, for each device."""
  config = importlib.import_module(f"configs.{name}").get_config(variant)
  config.update_from_flattened_dict(CASES[name](devices))
  compiled = compiled_step(config, devices)
  cost, memory = compiled.cost_analysis(), compiled.memory_analysis()
  held = memory.argument_size_in_bytes + memory.output_size_in_bytes
  return {
    "config": name,
    "devices": devices,
    "flops": cost["flops"],
    "accessed": cost["bytes accessed"],
    "held": held - memory.alias_size_in_bytes,
    "work": memory.temp_size_in_bytes,
    "collectives": collectives(compiled.as_text()),
  }


def seconds(row: Mapping[str, Any], chip: Chip) -> tuple[float, float, float]:
  """(computing at the peak, reading and writing memory, sending) of a step.

  All-reduce is taken as a ring: every device sends the array nearly twice.
  """
  devices = row["devices"]
  sent = sum(size for _, size in row["collectives"].values())
  count = sum(count for count, _ in row["collectives"].values())
  ring = 2 * (devices - 1) / devices * sent / chip.link
  waited = count * LATENCY if devices > 1 else 0.0
  return row["flops"] / chip.peak, row["accessed"] / chip.memory, ring + waited


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
  """A table in Markdown."""
  lines = [header, ["---"] * len(header), *rows]
  return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def compiled_table(rows: Sequence[Mapping[str, Any]]) -> str:
  """What was read from the compiled programs."""
  cells = []
  for row in rows:
    sent = [
      f"{count} {kind}, {size / 1e6:.2f} MB"
      for kind, (count, size) in sorted(row["collectives"].items())
    ]
    cells.append(
      [
        f"`{row['config']}`",
        str(row["devices"]),
        f"{row['flops'] / 1e9:.1f}",
        f"{row['accessed'] / 1e9:.2f}",
        f"{row['held'] / 1e6:.0f} + {row['work'] / 1e6:.0f}",
        "; ".join(sent) or "nothing",
      ]
    )
  header = ["step", "devices", "GFLOP", "GB accessed", "MB held + to work in", "sends"]
  return table(header, cells)


def time_table(rows: Sequence[Mapping[str, Any]]) -> str:
  """Times by arithmetic, where a program was compiled for so many devices."""
  cells = []
  for row in rows:
    for name, most in PLACES:
      if row["devices"] in (1, most):
        compute, memory, sending = seconds(row, CHIPS[name])
        times = (compute, memory, sending, max(compute, memory) + sending)
        cells.append(
          [
            f"`{row['config']}`",
            f"{row['devices']} x {name}",
            *(f"{1e3 * x:.2f}" for x in times),
          ]
        )
  header = ["step", "devices", "compute", "memory", "send", "in all"]
  return table(header, cells)


def in_its_own_process(name: str, devices: int, variant: str) -> dict[str, Any]:
  """`measure` where JAX sees so many devices."""
  flag = f"--xla_force_host_platform_device_count={devices}"
  one = [f"--one={name}", f"--devices={devices}", f"--variant={variant}"]
  done = subprocess.run(
    [sys.executable, "-m", "benchmarks.scaling", *one],
    env=os.environ | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": flag},
    capture_output=True,
    text=True,
    check=False,
  )
  if done.returncode:
    raise SystemExit(f"error: {name} on {devices} devices:\n{done.stderr[-2000:]}")
  return json.loads(done.stdout.splitlines()[-1])


def main(argv: Sequence[str]) -> None:
  """Compiles everything and prints both tables."""
  parser = argparse.ArgumentParser(
    prog="python -m benchmarks.scaling",
    description=__doc__,
    formatter_class=argparse.RawDescriptionHelpFormatter,
  )
  split = lambda text: text.split(",")
  parser.add_argument(
    "--devices", type=lambda text: [*map(int, split(text))], default=[1, 2, 8, 64]
  )
  parser.add_argument("--configs", type=split, default=list(CASES))
  parser.add_argument("--variant", default="full")
  parser.add_argument("--one", help=argparse.SUPPRESS)
  options = parser.parse_args(argv)
  if unknown := set(options.configs) - set(CASES):
    parser.error(f"--configs: {', '.join(unknown)}? Known are {', '.join(CASES)}.")
  if options.one:
    print(json.dumps(measure(options.one, options.devices[0], options.variant)))
    return
  rows = [
    in_its_own_process(name, devices, options.variant)
    for name in options.configs
    for devices in options.devices
  ]
  print(compiled_table(rows), time_table(rows), sep="\n\n")


if __name__ == "__main__":
  main(sys.argv[1:])
