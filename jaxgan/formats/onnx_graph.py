"""An ONNX graph in the making: its nodes, its constants, and sides that may be free.

Sides that depend on those that are free are computed in the graph, from the shapes of
the inputs.

Arrays of four axes are [n, c, h, w] in the graph where JAX has [n, h, w, c], since
ONNX convolves those; constants are as JAX has them until they are added.
"""

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from jaxgan.experiments.shared.exportable import Array, Free

OPSET, IR = 17, 8  # Of 2022: onnxruntime from 1.12.
CHANNELS_SECOND, CHANNELS_LAST = (0, 3, 1, 2), (0, 2, 3, 1)
TYPES = {
  "float32": TensorProto.FLOAT,
  "float16": TensorProto.FLOAT16,
  "int64": TensorProto.INT64,
  "int32": TensorProto.INT32,
  "uint8": TensorProto.UINT8,
  "bool": TensorProto.BOOL,
}
Value = str | np.ndarray  # The name of a tensor, or what it is if that is known.
Side = Any  # An int, or one of JAX's symbolic dimensions.


class Graph:
  """Nodes and constants, as they are added.

  Args:
    inputs: of the graph, from whose shapes free sides are read.
  """

  def __init__(self, inputs: Sequence[Array]):
    self.nodes: list[onnx.NodeProto] = []
    self.constants: dict[str, onnx.TensorProto] = {}
    self._known: dict[Any, str] = {}  # Tensors that need not be made again.
    self._count = 0
    self._free = {
      side.name: (array.name, axis, side.multiple)
      for array in reversed(inputs)
      for axis, side in enumerate(array.shape)
      if isinstance(side, Free)
    }

  def add(self, operator: str, *inputs: Value, **attributes: Any) -> str:
    """Adds a node; the name of its result."""
    name = self._new(operator)
    names = [self.name(x) for x in inputs]
    self.nodes.append(helper.make_node(operator, names, [name], **attributes))
    return name

  def name(self, value: Value) -> str:
    """The name of a value; a constant is added if there is none like it."""
    if isinstance(value, str):
      return value
    return self.plain(value.transpose(CHANNELS_SECOND) if value.ndim == 4 else value)

  def plain(self, value: np.ndarray) -> str:
    """The name of a constant whose axes are in the graph's order."""
    key = (value.dtype.str, value.shape, value.tobytes())
    if key not in self._known:
      self._known[key] = self._constant(value)
    return self._known[key]

  def _constant(self, value: np.ndarray) -> str:
    name = self._new("constant")
    half = value
    if value.dtype == np.float32 and value.size > 64:
      with np.errstate(over="ignore"):
        half = value.astype(np.float16)
    lossless = half.dtype == np.float16 and (half == value).all()
    stored = half if lossless else value
    self.constants[name] = numpy_helper.from_array(np.asarray(stored, order="C"), name)
    return self.cast(name, "float32") if lossless else name

  def _new(self, operator: str) -> str:
    self._count += 1
    return f"{operator.lower()}_{self._count}"

  def cast(self, value: Value, dtype: str) -> str:
    """A value of another type."""
    return self.add("Cast", value, to=TYPES[dtype])

  def shape(self, sides: Sequence[Side]) -> Value:
    """Sides as a tensor int64 [n]."""
    if all(isinstance(side, int) for side in sides):
      return np.asarray(sides, np.int64)
    key = ("shape", *map(str, sides))
    if key not in self._known:
      parts = [self.side(side) for side in sides]
      self._known[key] = self.add("Concat", *parts, axis=0)
    return self._known[key]

  def side(self, side: Side) -> Value:
    """A side as a tensor int64 [1]."""
    if isinstance(side, int):
      return np.asarray([side], np.int64)
    key = ("side", str(side))
    if key not in self._known:
      # How JAX writes a dimension is a Python expression of the free sides' names.
      self._known[key] = self._computed(ast.parse(str(side), mode="eval").body)
    return self._known[key]

  def _computed(self, node: ast.expr) -> Value:
    """What an expression of free sides gives, int64 [1]."""
    operators = {ast.Add: "Add", ast.Sub: "Sub", ast.Mult: "Mul"}
    calls = {"floordiv": "Div", "mod": "Mod", "max": "Max", "min": "Min"}
    match node:
      case ast.Constant(value=int() as number):
        return np.asarray([number], np.int64)
      case ast.Name(id=name):
        source, axis, multiple = self._free[name]
        sides = self.add("Shape", source)
        side = self.add("Gather", sides, np.asarray([axis], np.int64), axis=0)
        return self.add("Div", side, np.asarray([multiple], np.int64))
      case ast.UnaryOp(op=ast.USub(), operand=operand):
        return self.add("Neg", self._computed(operand))
      case ast.BinOp(left=left, op=op, right=right) if type(op) in operators:
        parts = self._computed(left), self._computed(right)
        return self.add(operators[type(op)], *parts)
      case ast.Call(func=ast.Name(id=name), args=args) if name in calls:
        return self.add(calls[name], *map(self._computed, args))
    raise NotImplementedError(f"the side {ast.unparse(node)}")
