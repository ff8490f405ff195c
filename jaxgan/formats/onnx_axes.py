"""JAX's primitives that move, cut, join or sum axes, as ONNX operators.

The order of axes in the graph differs from JAX's: see `jaxgan.formats.onnx_graph`.
"""

from typing import Any

import numpy as np

from jaxgan.formats.onnx_graph import CHANNELS_LAST, CHANNELS_SECOND, Value


def integers(*values: int) -> np.ndarray:
  """Numbers as ONNX takes axes, pads and the like."""
  return np.asarray(values, np.int64)


def output(equation: Any) -> Any:
  """Shape and type of an equation's one result."""
  return equation.outvars[0].aval


def place(rank: int, axis: int) -> int:
  """Where an axis of JAX's is in the graph."""
  return CHANNELS_SECOND.index(axis) if rank == 4 else axis


def ordered(values: Any) -> list[Any]:
  """Something of every axis, in the graph's order."""
  return [values[axis] for axis in CHANNELS_SECOND] if len(values) == 4 else [*values]


def rank(equation: Any, number: int = 0) -> int:
  """How many axes an input of an equation has."""
  return len(equation.invars[number].aval.shape)


def as_jax(graph, x: Value, rank: int) -> Value:
  """A tensor with JAX's order of axes."""
  if rank != 4:
    return x
  if isinstance(x, str):
    return graph.add("Transpose", x, perm=CHANNELS_LAST)
  return graph.plain(x)


def from_jax(graph, x: str, rank: int) -> str:
  """A tensor with JAX's order of axes in the graph's."""
  return graph.add("Transpose", x, perm=CHANNELS_SECOND) if rank == 4 else x


def broadcast_in_dim(graph, equation, x, *_):
  shape, kept = output(equation).shape, equation.params["broadcast_dimensions"]
  before = equation.invars[0].aval.shape
  x = as_jax(graph, x, len(before))
  new = [axis for axis in range(len(shape)) if axis not in kept]
  if new:
    x = graph.add("Unsqueeze", x, integers(*new))
  x = from_jax(graph, graph.name(x), len(shape))
  same = (
    str(shape[axis]) == str(side) for axis, side in zip(kept, before, strict=True)
  )
  if not all(same) or any(str(shape[axis]) != "1" for axis in new):
    x = graph.add("Expand", x, graph.shape(ordered(shape)))
  return x


def reshape(graph, equation, x, *_):
  shape = output(equation).shape
  x = graph.add("Reshape", as_jax(graph, x, rank(equation)), graph.shape(shape))
  return from_jax(graph, x, len(shape))


def transpose(graph, equation, x):
  sides, perm = rank(equation), list(equation.params["permutation"])
  x = graph.add("Transpose", as_jax(graph, x, sides), perm=perm)
  return from_jax(graph, x, sides)


def concatenate(graph, equation, *parts):
  axis = place(rank(equation), equation.params["dimension"])
  return graph.add("Concat", *parts, axis=axis)


def stack(graph, equation, *parts):
  sides, axis = rank(equation), equation.params["axis"]
  parts = [
    graph.add("Unsqueeze", as_jax(graph, x, sides), integers(axis)) for x in parts
  ]
  return from_jax(graph, graph.add("Concat", *parts, axis=axis), sides + 1)


def slice(graph, equation, x):
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
  axes = integers(*(place(len(shape), axis) for axis in cut))
  return graph.add("Slice", x, take(starts), take(ends), axes, take(steps))


def rev(graph, equation, x):
  shape = equation.invars[0].aval.shape
  axes = [axis for axis in equation.params["dimensions"] if shape[axis] != 1]
  if not axes:
    return x
  full = lambda number: integers(*[number] * len(axes))
  places = integers(*(place(len(shape), axis) for axis in axes))
  end = np.iinfo(np.int64).min
  return graph.add("Slice", x, full(-1), full(end), places, full(-1))


def pad(graph, equation, x, value):
  low, high, inner = map(ordered, zip(*equation.params["padding_config"], strict=True))
  if any(inner) or min(*low, *high) < 0:
    raise NotImplementedError("JAX's pad between or inside of elements")
  return graph.add("Pad", x, integers(*low, *high), value)


def reflect_pad(graph, equation, x):
  """`jaxgan.nets.layers.reflect_pad`."""
  grown = int(output(equation).shape[1] - equation.invars[0].aval.shape[1]) // 2
  return graph.add("Pad", x, integers(*(0, 0, grown, grown) * 2), mode="reflect")


def reduce_sum(graph, equation, x):
  axes = sorted(place(rank(equation), axis) for axis in equation.params["axes"])
  x = graph.add("ReduceSum", x, integers(*axes), keepdims=0)
  kept = [axis for axis in range(rank(equation)) if axis not in equation.params["axes"]]
  order = sorted(kept, key=lambda axis: place(rank(equation), axis))
  if order != kept:
    x = graph.add("Transpose", x, perm=[order.index(axis) for axis in kept])
  return x
