"""StableHLO: a program that JAX alone runs, on CPU, CUDA and TPU."""

from collections.abc import Callable
import contextlib
import functools
import pathlib
from typing import Any

import jax
from jax import export
import numpy as np

from jaxgan import errors
from jaxgan.experiments.shared.exportable import Exportable
from jaxgan.formats import arranged, checks
from jaxgan.images import writer
from jaxgan.ops import lowering

SUFFIX, PLATFORMS = ".stablehlo", ("cpu", "cuda", "tpu")
PLACES = ("inside", "beside")


def write(
  exportable: Exportable,
  output: pathlib.Path,
  about: dict[str, Any],
  *,
  layout: str = "nhwc",
  bytes: bool = False,
  dtype: str = "float32",
  weights: str = "inside",
) -> None:
  """A program for jax.export, of named inputs and any batch.

  Args:
    layout: of images: nhwc, or nchw with channels first.
    bytes: images are uint8 in [0, 255] instead of floats, in and out.
    dtype: of weights in the file: float32, or float16 for a file half as large
      (weights of a model file are float16 already, and stay it).
    weights: inside the program; or beside it, in NAME.npz, as another input.

  Raises:
    UserError: an option is wrong, the result differs from JAX's, or the file cannot be
      written.
  """
  del about  # A program has no room for it.
  options = arranged.Options(layout, bytes, dtype)
  options.check()
  if weights not in PLACES:
    hint = errors.nearest(weights, PLACES)
    raise errors.UserError(f"--weights={weights!r} is not known: {hint}")
  checks.check_name(output, SUFFIX)
  told = arranged.arrange(exportable, options)
  flat, tree = _flat(told.weights)

  def function(weights=flat, **inputs):
    known = jax.tree.unflatten(tree, [weights[name] for name in flat])
    return told.function(known, *(inputs[array.name] for array in told.inputs))

  shapes = {
    array.name: spec
    for array, spec in zip(told.inputs, arranged.specs(told), strict=True)
  }
  given = {"weights": flat} if weights == "beside" else {}
  with lowering.portable():
    program = export.export(jax.jit(function), platforms=PLATFORMS)(**given, **shapes)
  beside = output.with_suffix(".npz")
  with (
    writer.explained(output),
    writer.whole_file(output) as temporary,
    writer.whole_file(beside) if given else contextlib.nullcontext() as arrays,
  ):
    temporary.write_bytes(program.serialize())
    if given:
      np.savez(arrays, **flat)
    call = load(temporary, arrays)
    names = list(shapes)
    checks.compare(
      exportable,
      options,
      lambda *inputs: call(**dict(zip(names, inputs, strict=True))),
      "jax.export",
    )


def load(
  program: pathlib.Path, weights: pathlib.Path | None = None
) -> Callable[..., jax.Array]:
  """A function of named inputs from a file that `write` wrote, and perhaps its .npz."""
  call = export.deserialize(bytearray(program.read_bytes())).call
  return functools.partial(call, weights=dict(np.load(weights))) if weights else call


def _flat(weights: Any) -> tuple[dict[str, np.ndarray], Any]:
  """Arrays of a tree by their paths, and how they make the tree."""
  leaves, tree = jax.tree_util.tree_flatten_with_path(weights)
  name = lambda path: jax.tree_util.keystr(path, simple=True, separator="/")
  return {name(path): np.asarray(x) for path, x in leaves}, tree
