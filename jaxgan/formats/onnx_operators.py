"""JAX's primitives as ONNX operators: those that the families' networks need."""

from typing import Any

from jax import lax
import numpy as np

from jaxgan.formats import onnx_axes as axes
from jaxgan.formats.onnx_graph import CHANNELS_SECOND, Graph, Value

ELEMENTWISE = {
  "add": "Add",
  "sub": "Sub",
  "mul": "Mul",
  "div": "Div",
  "max": "Max",
  "min": "Min",
  "pow": "Pow",
  "eq": "Equal",
  "lt": "Less",
  "le": "LessOrEqual",
  "gt": "Greater",
  "ge": "GreaterOrEqual",
  "and": "And",
  "or": "Or",
  "not": "Not",
  "neg": "Neg",
  "exp": "Exp",
  "log": "Log",
  "tanh": "Tanh",
  "logistic": "Sigmoid",
  "sqrt": "Sqrt",
  "abs": "Abs",
  "floor": "Floor",
  "copy": "Identity",
  "stop_gradient": "Identity",
}
INNER = ("jaxpr", "call_jaxpr", "fun_jaxpr")  # Where an equation keeps a function.


def inner_of(equation: Any) -> Any:
  """The closed jaxpr that an equation calls, or None."""
  found = (equation.params.get(name) for name in INNER)
  return next((x for x in found if x is not None), None)


def is_named(equation: Any) -> bool:
  """Whether an equation calls a function that has a rule of its own."""
  return inner_of(equation) is not None and equation.params.get("name") in NAMED


def convert(graph: Graph, equation: Any, *inputs: Value) -> Value:
  """Adds the nodes of an equation of one result.

  Raises:
    NotImplementedError: no rule fits.
  """
  if is_named(equation):
    return NAMED[equation.params["name"]](graph, equation, *inputs)
  name = equation.primitive.name
  if name in ELEMENTWISE:
    return graph.add(ELEMENTWISE[name], *inputs)
  if name not in RULES:
    raise NotImplementedError(f"JAX's {name}")
  return RULES[name](graph, equation, *inputs)


def _convert_element_type(graph, equation, x):
  return graph.cast(x, np.dtype(axes.output(equation).dtype).name)


def _dim_as_value(graph, equation):
  side = graph.add("Squeeze", graph.side(equation.params["dim"]), axes.integers(0))
  return graph.cast(side, np.dtype(axes.output(equation).dtype).name)


def _bilinear(graph, equation, x):
  """`jaxgan.ops.doubling.bilinear`."""
  return graph.add("Resize", x, "", np.float32([1, 1, 2, 2]), mode="linear")


def _select_n(graph, equation, which, *cases):
  if len(cases) != 2 or equation.invars[0].aval.dtype != bool:
    raise NotImplementedError("JAX's select_n of more than two")
  return graph.add("Where", which, cases[1], cases[0])


def _clamp(graph, equation, low, x, high):
  return graph.add("Min", graph.add("Max", x, low), high)


def _integer_pow(graph, equation, x):
  power = equation.params["y"]
  return (
    graph.add("Mul", x, x) if power == 2 else graph.add("Pow", x, np.float32(power))
  )


def _round(graph, equation, x):
  if equation.params["rounding_method"] != lax.RoundingMethod.TO_NEAREST_EVEN:
    raise NotImplementedError("JAX's round away from zero")
  return graph.add("Round", x)


def _dot_general(graph, equation, x, y):
  (left, right), (left_batch, right_batch) = equation.params["dimension_numbers"]
  ranks = axes.rank(equation), axes.rank(equation, 1)
  if (left, right, left_batch, ranks[0], ranks[1]) == ((1,), (0,), (), 2, 2):
    return graph.add("MatMul", x, y)
  letters = iter("abcdefghijklmnopqrstuvwxyz")
  first = [next(letters) for _ in range(ranks[0])]
  second = [next(letters) for _ in range(ranks[1])]
  for i, j in zip((*left, *left_batch), (*right, *right_batch), strict=True):
    second[j] = first[i]
  result = [first[i] for i in left_batch]
  result += [x for i, x in enumerate(first) if i not in (*left, *left_batch)]
  result += [x for i, x in enumerate(second) if i not in (*right, *right_batch)]
  first, second, result = ("".join(axes.ordered(x)) for x in (first, second, result))
  return graph.add("Einsum", x, y, equation=f"{first},{second}->{result}")


def _gather(graph, equation, x, index):
  """Rows of a table, as of an embedding; or a part of an axis, which JAX slices so."""
  numbers, sizes = equation.params["dimension_numbers"], equation.params["slice_sizes"]
  (axis, *more), dropped = numbers.start_index_map, numbers.collapsed_slice_dims
  if not dropped and not more and isinstance(index, np.ndarray):
    start = index.astype(np.int64)
    place = axes.integers(axes.place(len(sizes), axis))
    return graph.add("Slice", x, start, start + sizes[axis], place)
  if dropped != (0,) or axis or sizes != (1, *equation.invars[0].aval.shape[1:]):
    raise NotImplementedError("JAX's gather of other than rows")
  return graph.add("Gather", x, graph.add("Squeeze", index, axes.integers(-1)), axis=0)


def _conv(graph, equation, x, kernel):
  """A convolution, or a transposed one, which JAX writes as that of a dilated image."""
  params = equation.params
  numbers = params["dimension_numbers"]
  images = CHANNELS_SECOND
  usual = numbers == lax.ConvDimensionNumbers(images, (3, 2, 0, 1), images)
  groups = params["feature_group_count"], params["batch_group_count"]
  plain = usual and groups == (1, 1) and params["rhs_dilation"] == (1, 1)
  if not plain or isinstance(kernel, str):
    raise NotImplementedError("JAX's convolution in groups, or of an unusual kind")
  (top, bottom), (left, right) = params["padding"]
  grown, size = params["lhs_dilation"], equation.invars[1].aval.shape[:2]
  if grown == (1, 1):
    strides, pads = params["window_strides"], [top, left, bottom, right]
    kernel = graph.plain(kernel.transpose(3, 2, 0, 1))
    return graph.add("Conv", x, kernel, strides=strides, pads=pads)
  begin = [size[0] - 1 - top, size[1] - 1 - left]
  end = [size[0] - 1 - bottom, size[1] - 1 - right]
  if params["window_strides"] != (1, 1) or min(begin) < 0:
    raise NotImplementedError("JAX's transposed convolution of an unusual kind")
  return graph.add(
    "ConvTranspose",
    x,
    graph.plain(kernel[::-1, ::-1].transpose(2, 3, 0, 1)),
    strides=grown,
    pads=[*begin, *(max(pad, 0) for pad in end)],
    output_padding=[max(-pad, 0) for pad in end],
  )


RULES = {
  "broadcast_in_dim": axes.broadcast_in_dim,
  "clamp": _clamp,
  "concatenate": axes.concatenate,
  "conv_general_dilated": _conv,
  "convert_element_type": _convert_element_type,
  "dim_as_value": _dim_as_value,
  "dot_general": _dot_general,
  "expm1": lambda graph, _, x: graph.add("Sub", graph.add("Exp", x), np.float32(1)),
  "gather": _gather,
  "integer_pow": _integer_pow,
  "pad": axes.pad,
  "reduce_sum": axes.reduce_sum,
  "reshape": axes.reshape,
  "rev": axes.rev,
  "round": _round,
  "rsqrt": lambda graph, _, x: graph.add("Reciprocal", graph.add("Sqrt", x)),
  "select_n": _select_n,
  "slice": axes.slice,
  "square": lambda graph, _, x: graph.add("Mul", x, x),
  "squeeze": axes.reshape,
  "stack": axes.stack,
  "transpose": axes.transpose,
}
# Functions that are jitted by themselves, by name.
NAMED = {"reflect_pad": axes.reflect_pad, "bilinear": _bilinear}
