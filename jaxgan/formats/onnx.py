"""ONNX: a graph that onnxruntime and many other programs run."""

from collections.abc import Callable
import importlib.util
import json
import pathlib
from typing import Any

import jax
import numpy as np

from jaxgan import errors
from jaxgan.experiments.shared.exportable import Array, Exportable
from jaxgan.formats import arranged, checks
from jaxgan.images import writer
from jaxgan.ops import lowering

SUFFIX, KEY = ".onnx", "jaxgan"  # KEY: of the metadata, in JSON.


def write(
  exportable: Exportable,
  output: pathlib.Path,
  about: dict[str, Any],
  *,
  layout: str = "nhwc",
  bytes: bool = False,
  dtype: str = "float32",
) -> None:
  """A graph for onnxruntime and others, of named inputs and any batch.

  Args:
    layout: of images: nhwc, or nchw with channels first.
    bytes: images are uint8 in [0, 255] instead of floats, in and out.
    dtype: of weights in the file: float32, or float16 for a file half as large
      (weights of a model file are float16 already, and stay it).

  Raises:
    UserError: an option is wrong, a package is missing, the result differs from JAX's,
      or the file cannot be written.
  """
  check_packages()
  checks.check_name(output, SUFFIX)
  options = arranged.Options(layout, bytes, dtype)
  options.check()
  model = create(arranged.arrange(exportable, options), about)
  with writer.explained(output), writer.whole_file(output) as temporary:
    temporary.write_bytes(model)
    checks.compare(exportable, options, load(temporary), "onnxruntime")


def check_packages() -> None:
  """Raises UserError if what this format needs is not installed."""
  for name in ("onnx", "onnxruntime"):
    if importlib.util.find_spec(name) is None:
      raise errors.UserError(
        f"--format=onnx needs the package {name}: pip install '.[onnx]'."
      )


def load(path: pathlib.Path) -> Callable[..., np.ndarray]:
  """A function of inputs in order, run by onnxruntime."""
  import onnxruntime

  session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
  names = [each.name for each in session.get_inputs()]
  return lambda *inputs: session.run(None, dict(zip(names, inputs, strict=True)))[0]


def create(exportable: Exportable, about: dict[str, Any]) -> bytes:
  """The file's contents.

  Raises:
    UserError: the network has an operation that cannot be translated.
  """
  import onnx
  from onnx import helper

  from jaxgan.formats import onnx_graph, onnx_trace

  weights = jax.tree.map(np.asarray, exportable.weights)
  function = lambda *inputs: exportable.function(weights, *inputs)
  try:
    with lowering.portable():
      graph = onnx_trace.create(function, exportable.inputs, arranged.specs(exportable))
  except NotImplementedError as error:
    raise errors.UserError(
      f"--format=onnx: there is no translation of {error}: use --format=stablehlo."
    ) from error
  model = helper.make_model(
    helper.make_graph(
      graph.nodes,
      "jaxgan",
      [_typed(array) for array in exportable.inputs],
      [_typed(exportable.output)],
      list(graph.constants.values()),
    ),
    opset_imports=[helper.make_opsetid("", onnx_graph.OPSET)],
    ir_version=onnx_graph.IR,
    producer_name="jaxgan",
  )
  described = arranged.described(exportable, about)
  helper.set_model_props(model, {KEY: json.dumps(described)})
  onnx.checker.check_model(model)
  return model.SerializeToString()


def _typed(array: Array):
  """An input or the result as ONNX declares it."""
  from onnx import helper

  from jaxgan.formats import onnx_graph

  shape = [x if isinstance(x, int) else str(x) for x in array.shape]
  return helper.make_tensor_value_info(array.name, onnx_graph.TYPES[array.dtype], shape)
