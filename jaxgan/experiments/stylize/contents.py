"""What a model file must hold, by its config; see `experiments.Extras.contents`."""

from collections.abc import Mapping
from typing import Any

from jaxgan.engine import core, model_file, workdir
from jaxgan.experiments.shared import shapes
from jaxgan.experiments.stylize import checks, networks, reading
from jaxgan.features import vgg
from jaxgan.nets import style_predictor

MOST_READ = 2**12  # Pixels of a side of the square that is taken of a painting.


def contents(run: workdir.Run) -> dict[str, core.Tree]:
  """What `networks.restore` takes of a run."""
  checks.check_networks(run.config)
  names, ((stage, facts),) = networks.style_names(run), run.facts.items()
  if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
    raise ValueError("its styles have no names of their own")
  item = f"params.{networks.ROWS}"
  rows = run.restore(item) if item in run.items() else {}
  added = len(next(iter(next(iter(rows.values())).values()))) if rows else 0
  net = networks.create_network(run.config, len(names) - added)
  inputs = shapes.floats(1, 16, 16, 3), shapes.labels(1)
  params = shapes.variables(net, *inputs)["params"]
  norms = {name: x for name, x in params.items() if networks.is_norm(name)}
  wanted = {}
  if rows:
    wanted[item] = {
      name: {table: shapes.floats(added, x.shape[1]) for table, x in tables.items()}
      for name, tables in norms.items()
    }
  if networks.reads(run):
    if "named" in facts:  # Then the tables are predicted.
      params = {name: x for name, x in params.items() if name not in norms}
    count = _check_reading(facts)
    trained = run.restore(f"params.{networks.NETWORK}")[reading.PREDICTOR]
    predictor = style_predictor.StylePredictor(
      net.norms(), trained["code"]["bias"].size
    )
    measured = shapes.variables(predictor, shapes.floats(1, count))["params"]
    params = {**params, reading.PREDICTOR: measured}
    kept = {name: shapes.floats(count) for name in ("read_mean", "read_spread")}
    if "named" in facts:
      kept["named"] = shapes.floats(len(names), count)
    wanted[model_file.FACTS] = {stage: kept}
  return wanted | {f"params.{networks.NETWORK}": params}


def _check_reading(facts: Mapping[str, Any]) -> int:
  """How many measurements are read of a painting; see `reading.measure`."""
  layers, size = facts["read_layers"], facts["read_size"]
  if not 16 <= size <= MOST_READ:
    raise ValueError(f"it reads squares of {size} pixels")
  if len(set(layers)) < len(layers):
    raise ValueError("it measures a layer twice")
  return 2 * sum(vgg.WIDTHS[layer.removeprefix("relu")] for layer in layers)
