r"""Times the stylization of one photograph; prints one JSON line.

python -m benchmarks.stylize_forward [--size=256] [--width=32] [--upsample=nearest]
"""

import argparse
import json
import statistics
import sys
import time

import jax
import jax.numpy as jnp

from jaxgan.engine import memory
from jaxgan.nets import stylizer


def measure(
  net: stylizer.Stylizer, size: int, steps: int, batch: int = 1
) -> tuple[float, int]:
  """Median seconds of a forward pass, and the bytes of the weights."""
  key = jax.random.key(0)
  photo = jax.random.uniform(key, (batch, size, size, 3))
  style = jnp.arange(batch) % net.num_styles
  params = jax.jit(net.init)(key, photo[:, :16, :16], style)
  paint = jax.jit(net.apply).lower(params, photo, style).compile()
  seconds = []
  for _ in range(steps + 2):
    start = time.perf_counter()
    jax.block_until_ready(paint(params, photo, style))
    seconds.append(time.perf_counter() - start)
  return statistics.median(seconds[2:]), sum(x.nbytes for x in jax.tree.leaves(params))


def main() -> None:
  """Parses the command line and times."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawTextHelpFormatter
  )
  parser.add_argument("--size", type=int, default=256)
  parser.add_argument("--width", type=int, default=32)
  parser.add_argument("--upsample", default="nearest", choices=stylizer.UPSAMPLING)
  parser.add_argument("--steps", type=int, default=10)
  options = parser.parse_args()
  memory.keep_freed()  # As every command of jaxgan does.
  net = stylizer.Stylizer(1, width=options.width, upsample=options.upsample)
  seconds, _ = measure(net, options.size, options.steps)
  sys.stdout.write(
    json.dumps(
      {
        "size": options.size,
        "width": options.width,
        "upsample": options.upsample,
        "device": jax.devices()[0].device_kind,
        "seconds_per_step": round(seconds, 6),
      }
    )
    + "\n"
  )


if __name__ == "__main__":
  main()
