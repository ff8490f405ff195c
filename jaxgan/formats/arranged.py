"""A family's function as it is exported: the layout, type and weights asked for."""

from collections.abc import Mapping
import dataclasses
from typing import Any

import jax
from jax import export, lax
import jax.numpy as jnp
import numpy as np

from jaxgan import errors
from jaxgan.engine import model_file
from jaxgan.experiments.shared.exportable import Array, Exportable, Free

LAYOUTS = ("nhwc", "nchw")


@dataclasses.dataclass(frozen=True)
class Options:
  """How a function is exported.

  Attributes:
    layout: of images: nhwc, or nchw with channels first.
    bytes: images are uint8 in [0, 255] instead of floats, in and out.
    dtype: of weights in the file: float32, or float16 for a file half as large.
  """

  layout: str = "nhwc"
  bytes: bool = False
  dtype: str = "float32"

  def check(self) -> None:
    """Raises UserError for a value that is not known."""
    for name, known in (("layout", LAYOUTS), ("dtype", model_file.DTYPES)):
      value = getattr(self, name)
      if value not in known:
        hint = errors.nearest(value, known)
        raise errors.UserError(f"--{name}={value!r} is not known: {hint}")


def arrange(exportable: Exportable, options: Options) -> Exportable:
  """The same function of images and weights as the options ask for."""
  inputs = tuple(_arranged(array, options) for array in exportable.inputs)

  def function(weights, *given):
    weights = jax.tree.map(_widened, weights)
    plain = [
      _to_floats(x, array, options) if array.kind == "image" else x
      for x, array in zip(given, exportable.inputs, strict=True)
    ]
    images = exportable.function(weights, *plain)
    return _from_floats(images, exportable.output, options)

  weights = jax.tree_util.tree_map_with_path(
    lambda path, x: _narrowed(path, np.asarray(x), options.dtype), exportable.weights
  )
  output = _arranged(exportable.output, options)
  return Exportable(function, weights, inputs, output)


def _arranged(array: Array, options: Options) -> Array:
  """The description of an array after `arrange`."""
  if array.kind != "image":
    return array
  if options.layout == "nchw":
    n, h, w, c = array.shape
    array = array._replace(shape=(n, c, h, w), layout="NCHW")
  if options.bytes:
    array = array._replace(dtype="uint8", low=0, high=255)
  return array


def _narrowed(path, array: np.ndarray, dtype: str) -> np.ndarray:
  """An array in float16 if that is asked for, or loses nothing, as of a model file."""
  name = jax.tree_util.keystr(path, simple=True, separator="/")
  half = model_file.halved(name, array)
  return half if dtype == "float16" or (half == array).all() else array


def _widened(x):
  # An array's method would widen constants now, and not in the program.
  return lax.convert_element_type(x, jnp.float32) if x.dtype == jnp.float16 else x


def _to_floats(x: jax.Array, array: Array, options: Options) -> jax.Array:
  """Images as the family's function takes them."""
  if options.bytes:
    x = x.astype(jnp.float32) * ((array.high - array.low) / 255) + array.low
  return x.transpose(0, 2, 3, 1) if options.layout == "nchw" else x


def _from_floats(x: jax.Array, array: Array, options: Options) -> jax.Array:
  """Images of the family's function as they are exported."""
  if options.bytes:
    x = jnp.round((x - array.low) * (255 / (array.high - array.low)))
    x = jnp.clip(x, 0, 255).astype(jnp.uint8)
  return x.transpose(0, 3, 1, 2) if options.layout == "nchw" else x


def frees(exportable: Exportable) -> dict[str, Free]:
  """The sides that the reader chooses, by name."""
  sides = (side for array in exportable.inputs for side in array.shape)
  return {side.name: side for side in sides if isinstance(side, Free)}


def specs(exportable: Exportable) -> list[jax.ShapeDtypeStruct]:
  """Symbolic shapes of the inputs, for tracing."""
  limits = tuple(f"{x.name} >= {x.least}" for x in frees(exportable).values())
  scope = export.SymbolicScope(limits)
  return [
    jax.ShapeDtypeStruct(
      export.symbolic_shape(", ".join(map(str, array.shape)), scope=scope), array.dtype
    )
    for array in exportable.inputs
  ]


def described(exportable: Exportable, origin: Mapping[str, Any]) -> dict[str, Any]:
  """What a reader must know of the inputs and the result, JSON."""
  plain = lambda array: (
    array._asdict()
    | {"shape": [x if isinstance(x, int) else str(x) for x in array.shape]}
  )
  return {
    "inputs": [plain(array) for array in exportable.inputs],
    "output": plain(exportable.output),
    **origin,
  }
