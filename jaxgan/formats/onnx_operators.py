"""JAX's primitives as ONNX operators: those that the families' networks need."""

from typing import Any

from jax import lax
import numpy as np

from jaxgan.formats.onnx_graph import Graph, Value

NHWC, NCHW = (0, 2, 3, 1), (0, 3, 1, 2)
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


def convert(graph: Graph, equation: Any, *inputs: Value) -> Value:
  """Adds the nodes of an equation of one result.

  Raises:
    NotImplementedError: no rule fits.
  """
  name = equation.primitive.name
  if name in ELEMENTWISE:
    return graph.add(ELEMENTWISE[name], *inputs)
  if name not in RULES:
    raise NotImplementedError(f"JAX's {name}")
  return RULES[name](graph, equation, *inputs)


def _integers(*values: int) -> np.ndarray:
  return np.asarray(values, np.int64)


def _output(equation: Any) -> Any:
  return equation.outvars[0].aval


def _convert_element_type(graph, equation, x):
  return graph.cast(x, np.dtype(_output(equation).dtype).name)


def _dim_as_value(graph, equation):
  side = graph.add("Squeeze", graph.side(equation.params["dim"]), _integers(0))
  return graph.cast(side, np.dtype(_output(equation).dtype).name)


def _broadcast_in_dim(graph, equation, x, *_):
  shape, kept = _output(equation).shape, equation.params["broadcast_dimensions"]
  before = equation.invars[0].aval.shape
  new = [axis for axis in range(len(shape)) if axis not in kept]
  if new:
    x = graph.add("Unsqueeze", x, _integers(*new))
  changed = [
    str(shape[axis]) != str(side) for axis, side in zip(kept, before, strict=True)
  ]
  if any(changed) or any(str(shape[axis]) != "1" for axis in new):
    x = graph.add("Expand", x, graph.shape(shape))
  return x


def _reshape(graph, equation, x, *_):
  return graph.add("Reshape", x, graph.shape(_output(equation).shape))


def _squeeze(graph, equation, x):
  return graph.add("Squeeze", x, _integers(*equation.params["dimensions"]))


def _transpose(graph, equation, x):
  return graph.add("Transpose", x, perm=list(equation.params["permutation"]))


def _concatenate(graph, equation, *parts):
  return graph.add("Concat", *parts, axis=equation.params["dimension"])


def _stack(graph, equation, *parts):
  axis = equation.params["axis"]
  return graph.add(
    "Concat", *(graph.add("Unsqueeze", x, _integers(axis)) for x in parts), axis=axis
  )


def _slice(graph, equation, x):
  starts, ends = equation.params["start_indices"], equation.params["limit_indices"]
  steps = equation.params["strides"] or (1,) * len(starts)
  shape = equation.invars[0].aval.shape
  cut = [
    axis
    for axis, bounds in enumerate(zip(starts, ends, steps, strict=True))
    if tuple(map(str, bounds)) != ("0", str(shape[axis]), "1")
  ]
  if not cut:
    return x
  take = lambda values: graph.shape([values[axis] for axis in cut])
  return graph.add("Slice", x, take(starts), take(ends), _integers(*cut), take(steps))


def _rev(graph, equation, x):
  shape = equation.invars[0].aval.shape
  axes = [axis for axis in equation.params["dimensions"] if shape[axis] != 1]
  if not axes:
    return x
  full = lambda number: _integers(*[number] * len(axes))
  end = np.iinfo(np.int64).min
  return graph.add("Slice", x, full(-1), full(end), _integers(*axes), full(-1))


def _pad(graph, equation, x, value):
  low, high, inner = zip(*equation.params["padding_config"], strict=True)
  if any(inner) or min(*low, *high) < 0:
    raise NotImplementedError("JAX's pad between or inside of elements")
  return graph.add("Pad", x, _integers(*low, *high), value)


def _reduce_sum(graph, equation, x):
  axes = _integers(*equation.params["axes"])
  return graph.add("ReduceSum", x, axes, keepdims=0)


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
  ranks = [len(each.aval.shape) for each in equation.invars]
  if (left, right, left_batch) == ((ranks[0] - 1,), (0,), ()) and ranks[1] == 2:
    return graph.add("MatMul", x, y)
  letters = iter("abcdefghijklmnopqrstuvwxyz")
  first = [next(letters) for _ in range(ranks[0])]
  second = [next(letters) for _ in range(ranks[1])]
  for i, j in zip((*left, *left_batch), (*right, *right_batch), strict=True):
    second[j] = first[i]
  result = [first[i] for i in left_batch]
  result += [x for i, x in enumerate(first) if i not in (*left, *left_batch)]
  result += [x for i, x in enumerate(second) if i not in (*right, *right_batch)]
  text = f"{''.join(first)},{''.join(second)}->{''.join(result)}"
  return graph.add("Einsum", x, y, equation=text)


def _gather(graph, equation, x, index):
  """Rows of a table, as of an embedding; or a part of an axis, which JAX slices so."""
  numbers, sizes = equation.params["dimension_numbers"], equation.params["slice_sizes"]
  (axis, *more), dropped = numbers.start_index_map, numbers.collapsed_slice_dims
  if not dropped and not more and isinstance(index, np.ndarray):
    start = index.astype(np.int64)
    return graph.add("Slice", x, start, start + sizes[axis], _integers(axis))
  if dropped != (0,) or axis or sizes != (1, *equation.invars[0].aval.shape[1:]):
    raise NotImplementedError("JAX's gather of other than rows")
  return graph.add("Gather", x, graph.add("Squeeze", index, _integers(-1)), axis=0)


def _conv(graph, equation, x, kernel):
  """A convolution, or a transposed one, which JAX writes as that of a dilated image."""
  params = equation.params
  numbers = params["dimension_numbers"]
  usual = numbers == lax.ConvDimensionNumbers(NCHW, (3, 2, 0, 1), NCHW)
  groups = params["feature_group_count"], params["batch_group_count"]
  if not usual or groups != (1, 1) or params["rhs_dilation"] != (1, 1):
    raise NotImplementedError("JAX's convolution in groups, dilated, or not of NHWC")
  (top, bottom), (left, right) = params["padding"]
  x = graph.add("Transpose", x, perm=NCHW)
  grown, size = params["lhs_dilation"], equation.invars[1].aval.shape[:2]
  if grown == (1, 1):
    kernel = _permuted(graph, kernel, (3, 2, 0, 1))
    strides = params["window_strides"]
    pads = [top, left, bottom, right]
    y = graph.add("Conv", x, kernel, strides=strides, pads=pads)
    return graph.add("Transpose", y, perm=NHWC)
  if params["window_strides"] != (1, 1) or isinstance(kernel, str):
    raise NotImplementedError("JAX's strided convolution of a dilated image")
  begin = [size[0] - 1 - top, size[1] - 1 - left]
  end = [size[0] - 1 - bottom, size[1] - 1 - right]
  if min(begin) < 0:
    raise NotImplementedError("JAX's transposed convolution with so much padding")
  y = graph.add(
    "ConvTranspose",
    x,
    kernel[::-1, ::-1].transpose(2, 3, 0, 1),
    strides=grown,
    pads=[*begin, *(max(pad, 0) for pad in end)],
    output_padding=[max(-pad, 0) for pad in end],
  )
  return graph.add("Transpose", y, perm=NHWC)


def _permuted(graph, x: Value, axes) -> Value:
  if isinstance(x, str):
    return graph.add("Transpose", x, perm=axes)
  return x.transpose(axes)


RULES = {
  "broadcast_in_dim": _broadcast_in_dim,
  "clamp": _clamp,
  "concatenate": _concatenate,
  "conv_general_dilated": _conv,
  "convert_element_type": _convert_element_type,
  "dim_as_value": _dim_as_value,
  "dot_general": _dot_general,
  "expm1": lambda graph, _, x: graph.add("Sub", graph.add("Exp", x), np.float32(1)),
  "gather": _gather,
  "integer_pow": _integer_pow,
  "pad": _pad,
  "reduce_sum": _reduce_sum,
  "reshape": _reshape,
  "rev": _rev,
  "round": _round,
  "rsqrt": lambda graph, _, x: graph.add("Reciprocal", graph.add("Sqrt", x)),
  "select_n": _select_n,
  "slice": _slice,
  "square": lambda graph, _, x: graph.add("Mul", x, x),
  "squeeze": _squeeze,
  "stack": _stack,
  "transpose": _transpose,
}
