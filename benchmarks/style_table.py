r"""The published comparison of three ways to stylize, measured here; prints Markdown.

  python -m benchmarks.style_table [--size=256] [--iterations=500] [--steps=5]

Gatys optimizes the pixels of every image; Johnson has one network for each style;
conditional normalization has one network for all. Seconds are medians of `--steps`
calls, times the number of calls that an image takes; multiply-accumulates (MACs) are
counted in the traced programs' convolutions. VGG16 has random weights here, since only
its time matters.
"""

import argparse
import json
import math
import statistics
import sys
import time

import jax
import jax.numpy as jnp
import optax

from benchmarks import stylize_forward
from jaxgan.engine import memory
from jaxgan.experiments.shared.criterion import Criterion
from jaxgan.features import vgg
from jaxgan.nets import stylizer

LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")
STYLES = 25
CONVOLUTIONS = ("convolve", "conv_general_dilated")  # Ours on CPU, XLA's elsewhere.


def count_macs(function, *args) -> int:
  """Multiply-accumulates of a function's convolutions, by their plain definition."""

  def count(jaxpr):
    total = 0
    for equation in jaxpr.eqns:
      if equation.primitive.name in CONVOLUTIONS:
        kernel = equation.invars[1].aval.shape
        total += math.prod(equation.outvars[0].aval.shape[:3]) * math.prod(kernel)
      for inner in jax.tree.leaves(
        equation.params, is_leaf=lambda x: hasattr(x, "eqns") or hasattr(x, "jaxpr")
      ):
        inner = getattr(inner, "jaxpr", inner)
        total += count(inner) if hasattr(inner, "eqns") else 0
    return total

  return count(jax.make_jaxpr(function)(*args).jaxpr)


def random_vgg(key: jax.Array):
  """Weights of VGG16's shapes up to the deepest layer of `LAYERS`, of even scale."""
  params, channels = {}, 3
  for layer in vgg.LAYERS[: vgg.LAYERS.index(LAYERS[-1]) + 1]:
    width = min(64 * 2 ** (int(layer[4]) - 1), 512)
    shape = (3, 3, channels, width)
    kernel = jax.random.normal(key, shape) * math.sqrt(2 / math.prod(shape[:3]))
    params[layer.replace("relu", "conv")] = {"kernel": kernel, "bias": jnp.zeros(width)}
    channels = width
  return params


def measure_gatys(size: int, steps: int) -> tuple[float, int]:
  """Median seconds of an iteration, and its MACs: features and their gradient."""
  key = jax.random.key(0)
  criterion = Criterion({"relu2_2": 1.0}, dict.fromkeys(LAYERS, 4.0))
  params = random_vgg(key)
  photo, painting = jax.random.uniform(key, (2, 1, size, size, 3))
  targets = jax.jit(criterion.targets)(params, photo)
  grams = criterion.grams(params, [jnp.round(255 * painting[0]).astype(jnp.uint8)])
  tx = optax.adam(0.02)

  def loss(pixels, params, targets, grams):
    losses = criterion.losses(params, pixels, targets, grams)
    return sum(jnp.mean(x) for x in losses.values())

  @jax.jit
  def step(pixels, opt, *constants):
    grads = jax.grad(loss)(pixels, *constants)
    updates, opt = tx.update(grads, opt)
    return jnp.clip(optax.apply_updates(pixels, updates), 0, 1), opt

  state, seconds = (photo, tx.init(photo)), []
  for _ in range(steps + 1):
    start = time.perf_counter()
    state = jax.block_until_ready(step(*state, params, targets, grams))
    seconds.append(time.perf_counter() - start)
  macs = 2 * count_macs(lambda x: vgg.activations(params, x, LAYERS), photo)
  return statistics.median(seconds[1:]), macs


def measure(size: int, iterations: int, steps: int) -> list[dict]:
  """Rows of the table."""
  iteration, macs = measure_gatys(size, steps)
  rows = [
    {
      "method": "Gatys",
      "seconds": iterations * iteration,
      "macs": iterations * macs,
      "bytes": (0, 0),
    }
  ]
  photo = jnp.zeros((1, size, size, 3))
  for method, styles in (("Johnson", 1), ("Conditional normalization", STYLES)):
    # The same layers, so that only the number of networks and of styles differs.
    net = stylizer.Stylizer(styles)
    seconds, held = stylize_forward.measure(net, size, steps)
    one = stylize_forward.measure(stylizer.Stylizer(1), 16, 1)[1]
    label = jnp.zeros(1, jnp.int32)
    params = jax.eval_shape(net.init, jax.random.key(0), photo, label)
    macs = count_macs(net.apply, params, photo, label)
    rows.append(
      {
        "method": method,
        "seconds": seconds,
        "macs": macs,
        "bytes": (one, held * STYLES if styles == 1 else held),
      }
    )
  return rows


def markdown(rows: list[dict], size: int) -> str:
  """The table, with how many times longer than the last row each takes."""
  lines = [
    f"| {size}x{size} | seconds, 1 image | seconds, {STYLES} images in {STYLES} "
    f"styles | MB, 1 style | MB, {STYLES} styles | GMAC an image | times the "
    "last row |",
    "|" + "---|" * 7,
  ]
  for row in rows:
    held = [f"{x / 1e6:.2f}" if x else "none" for x in row["bytes"]]
    lines.append(
      f"| {row['method']} | {row['seconds']:.3g} | "
      f"{STYLES * row['seconds']:.3g} | {held[0]} | {held[1]} | "
      f"{row['macs'] / 1e9:,.2f} | "
      f"{row['seconds'] / rows[-1]['seconds']:.0f} |"
    )
  return "\n".join(lines)


def main() -> None:
  """Parses the command line and prints the table."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawTextHelpFormatter
  )
  parser.add_argument("--size", type=int, default=256)
  parser.add_argument("--iterations", type=int, default=500, help="of Gatys")
  parser.add_argument("--steps", type=int, default=5, help="calls that are timed")
  parser.add_argument("--json", action="store_true", help="rows as one JSON line")
  options = parser.parse_args()
  memory.keep_freed()  # As every command of jaxgan does.
  rows = measure(options.size, options.iterations, options.steps)
  sys.stdout.write(
    (json.dumps(rows) if options.json else markdown(rows, options.size)) + "\n"
  )


if __name__ == "__main__":
  main()
