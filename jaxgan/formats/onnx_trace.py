"""A traced function, a jaxpr, as an ONNX graph.

Every equation becomes a few nodes by the rule of its primitive, in
`jaxgan.formats.onnx_operators`. What depends on constants alone is computed here.
"""

from collections.abc import Sequence
from typing import Any

import jax
from jax.extend.core import Literal
import numpy as np
from onnx import helper

from jaxgan.experiments.shared.exportable import Array
from jaxgan.formats import onnx_operators
from jaxgan.formats.onnx_graph import CHANNELS_LAST, CHANNELS_SECOND, Graph, Value

SMALL = 4096  # Numbers that a computed constant may have beyond its inputs'.


def trace(graph: Graph, jaxpr: Any, constants: Sequence[Any], inputs: Sequence[Value]):
  """Adds what a jaxpr computes.

  Args:
    graph: to add to.
    jaxpr: without constants of its own.
    constants: values of `jaxpr.constvars`.
    inputs: values of `jaxpr.invars`.

  Returns:
    Values of the results.

  Raises:
    NotImplementedError: a primitive has no rule.
  """
  values = dict(zip(jaxpr.constvars, map(_known, constants), strict=True))
  values |= dict(zip(jaxpr.invars, inputs, strict=True))
  read = lambda x: _known(x.val) if isinstance(x, Literal) else values[x]
  for equation in jaxpr.eqns:
    given = [read(x) for x in equation.invars]
    inner = onnx_operators.inner_of(equation)
    if onnx_operators.is_named(equation):
      results = [onnx_operators.convert(graph, equation, *given)]
    elif inner is not None:
      results = trace(graph, inner.jaxpr, inner.consts, given)
    elif _is_constant(equation, given):
      made = equation.primitive.bind(*given, **equation.params)
      several = equation.primitive.multiple_results
      results = [_known(x) for x in (made if several else [made])]
    else:
      results = [onnx_operators.convert(graph, equation, *given)]
    values |= dict(zip(equation.outvars, results, strict=True))
  return [read(x) for x in jaxpr.outvars]


def _known(value: Any) -> Value:
  return value if isinstance(value, str) else np.asarray(value)


def _is_constant(equation: Any, given: Sequence[Value]) -> bool:
  """Whether a result is known now, and not much larger than what it is made of."""
  shapes = [x.aval.shape for x in equation.outvars]
  if any(isinstance(x, str) for x in given):
    return False
  if not all(isinstance(side, int) for shape in shapes for side in shape):
    return False
  if not given and equation.primitive.name != "iota":
    return False
  size = sum(int(np.prod(shape)) for shape in shapes)
  return size <= SMALL + sum(x.size for x in given)


def create(function: Any, inputs: Sequence[Array], specs: Sequence[Any]) -> Graph:
  """The graph of a function; its last node gives "images".

  Args:
    function: of arrays.
    inputs: what they are.
    specs: their shapes and types.

  Raises:
    NotImplementedError: it has an operation that is not known here.
  """
  closed = jax.make_jaxpr(function)(*specs)
  graph = Graph(inputs)
  given = [
    graph.add("Transpose", array.name, perm=CHANNELS_SECOND)
    if len(array.shape) == 4
    else array.name
    for array in inputs
  ]
  (result,) = trace(graph, closed.jaxpr, closed.consts, given)
  rank = len(closed.out_avals[0].shape)
  last = ("Transpose", {"perm": CHANNELS_LAST}) if rank == 4 else ("Identity", {})
  graph.nodes.append(
    helper.make_node(last[0], [graph.name(result)], ["images"], **last[1])
  )
  return graph
