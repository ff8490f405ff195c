r"""Times the shipped networks in JAX, onnxruntime and PyTorch, in turn.

python -m benchmarks.exported_models [--model=styles] [--size=512] [--rounds=5]

Prints a JSON line: seconds of each and those of CPU time (medians), the machine's load,
and how far from JAX's images the others' are. PyTorch runs the same network and weights
eagerly, as one would write it there.
"""

import argparse
from collections.abc import Callable
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

import jax
import numpy as np
import torch
from torch.nn import functional as F

from jaxgan import runner
from jaxgan.formats import TASK, onnx
from jaxgan.nets import stylizer

TASKS = {"styles": "stylize", "anime": "sample"}
Images = Callable[[], np.ndarray]


def torch_stylizer(params, photographs, styles) -> Images:
  """The network of style transfer, of images [n, h, w, 3] in [0, 1]."""
  as_torch = lambda x: torch.from_numpy(np.array(x))
  kernels, tables = {}, {}
  for name, entry in params.items():
    if name.endswith("_norm"):
      tables[name] = as_torch(entry["scale"]), as_torch(entry["bias"])
    else:
      kernels[name] = as_torch(entry["kernel"].transpose(3, 2, 0, 1))
  net = stylizer.Stylizer(styles.shape[1], width=len(kernels["contract1"]))
  rows = net.plan()
  given, weights = as_torch(photographs).permute(0, 3, 1, 2), as_torch(styles)

  def call():
    x, skip = given, None
    for row in rows:
      skip = x if row.opens else skip
      if row.resample:
        x = F.interpolate(x, scale_factor=2, mode=row.resample)
      x = F.pad(x, [row.kernel // 2] * 4, mode="reflect")
      x = F.conv2d(x, kernels[row.name], stride=row.stride)
      scale, bias = (weights @ table for table in tables[f"{row.name}_norm"])
      x = F.instance_norm(x) * scale[..., None, None] + bias[..., None, None]
      if row.then == "add":
        x = skip + x
      else:
        x = F.relu(x) if row.then == "relu" else torch.sigmoid(x)
    return x.permute(0, 2, 3, 1).numpy()

  return call


def torch_generator(variables, latents, *labels) -> Images:
  """The conditional generator, of labels in the order of their attributes' names."""
  as_torch = lambda x: torch.from_numpy(np.array(x))
  params = jax.tree.map(as_torch, variables["params"])
  stats = jax.tree.map(as_torch, variables["batch_stats"])
  count = sum(name.startswith("ConvTranspose") for name in params)
  kernels = [
    params[f"ConvTranspose_{i}"]["kernel"].flip(0, 1).permute(2, 3, 0, 1)
    for i in range(count)
  ]
  given, chosen = as_torch(latents), [as_torch(x).long() for x in labels]

  def normalized(x, i):
    own = params[f"Normalization_{i}"]
    mean, var = (stats[f"Normalization_{i}"]["BatchNorm_0"][k] for k in ("mean", "var"))
    norm = own["BatchNorm_0"]
    x = F.batch_norm(x, mean, var, norm["scale"], norm["bias"])
    tables = sorted(name for name in own if name.endswith("_table"))
    rows = sum(
      own[name]["embedding"][x] for name, x in zip(tables, chosen, strict=True)
    )
    scale, bias = rows[..., None, None].chunk(2, 1)
    return F.relu(x * (1 + scale) + bias)

  def call():
    x = given @ params["Dense_0"]["kernel"]
    channels = len(params["Normalization_0"]["BatchNorm_0"]["scale"])
    side = round((x.shape[1] // channels) ** 0.5)
    x = normalized(x.view(-1, side, side, channels).permute(0, 3, 1, 2), 0)
    for i, kernel in enumerate(kernels, 1):
      x = F.conv_transpose2d(x, kernel, stride=2, padding=1)
      x = normalized(x, i) if i < count else torch.tanh(x)
    return x.permute(0, 2, 3, 1).numpy()

  return call


def inputs_of(model: str, exportable, size: int, batch: int) -> list[np.ndarray]:
  """Random inputs, of one style or of labels."""
  generator = np.random.default_rng(0)
  if model == "styles":
    photographs = generator.random((batch, size, size, 3), np.float32)
    return [photographs, np.eye(len(exportable.inputs[1].names), dtype=np.float32)[:1]]
  latents = generator.normal(size=(batch, exportable.inputs[0].shape[1]))
  labels = [
    generator.integers(0, len(array.names), batch) for array in exportable.inputs[1:]
  ]
  return [latents.astype(np.float32), *(x.astype(np.int32) for x in labels)]


def main() -> None:
  """Parses the command line and times."""
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawTextHelpFormatter
  )
  parser.add_argument("--model", default="styles", choices=TASKS)
  parser.add_argument("--size", type=int, default=512, help="of photographs")
  parser.add_argument("--batch", type=int, default=1)
  parser.add_argument("--rounds", type=int, default=5)
  options = parser.parse_args()
  runner.setup()
  torch.set_grad_enabled(False)
  family, run = runner.open_run(f"shipped:{options.model}")
  exportable = family.EXPORTS[TASKS[options.model]](run)
  inputs = inputs_of(options.model, exportable, options.size, options.batch)
  with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "x.onnx"
    TASK["onnx"](exportable, path, {})
    session = onnx.load(path)
  function, weights = jax.jit(exportable.function), jax.device_put(exportable.weights)
  other = torch_stylizer if options.model == "styles" else torch_generator
  calls: dict[str, Images] = {
    "jax": lambda: np.asarray(function(weights, *inputs)),
    "onnxruntime": lambda: session(*inputs),
    "torch": other(exportable.weights, *inputs),
  }
  images = {name: call() for name, call in calls.items()}
  clocks = {"seconds": time.perf_counter, "cpu_seconds": time.process_time}
  times = {clock: {name: [] for name in calls} for clock in clocks}
  for _ in range(options.rounds):
    for name, call in calls.items():
      starts = {clock: read() for clock, read in clocks.items()}
      call()
      for clock, read in clocks.items():
        times[clock][name].append(read() - starts[clock])
  line = vars(options) | {
    clock: {name: round(statistics.median(x), 4) for name, x in found.items()}
    for clock, found in times.items()
  }
  line |= {
    "load": os.getloadavg()[0],
    "difference": {
      name: float(np.abs(x - images["jax"]).max()) for name, x in images.items()
    },
  }
  sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
  main()
