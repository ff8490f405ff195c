"""What a family offers for export: a pure function, and what its arrays mean.

A family lists such functions in `EXPORTS` (see `jaxgan.experiments.Extras`). The
formats of `jaxgan.formats` know nothing else of it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax


class Free(NamedTuple):
  """A side that the reader of an export chooses: `multiple` times any number.

  Attributes:
    name: "batch", "height" or "width".
    multiple: what the side is divisible by.
    least: the smallest number.
  """

  name: str
  multiple: int = 1
  least: int = 1

  def __str__(self) -> str:
    return f"{self.multiple}*{self.name}" if self.multiple > 1 else self.name


def free_sides(multiple: int) -> tuple[Free, Free]:
  """Height and width of images whose sides a network divides by `multiple`.

  What is left of them must have 2 pixels, so that its border can be mirrored.
  """
  return Free("height", multiple, least=2), Free("width", multiple, least=2)


Shape = tuple[int | Free, ...]
BATCH = Free("batch")


class Array(NamedTuple):
  """An input of the function, or its result.

  Attributes:
    name: of an identifier's form, such as "latents".
    shape: sides, first BATCH.
    kind: "normal": numbers drawn from the standard normal distribution; "uniform": from
      all between `low` and `high`; "choice": numbers of `names`, from `low` = 0, or -1
      if none can be chosen; "mixture": a weight for each of `names`, with a sum of 1;
      "image": gray or RGB.
    low, high: the range.
    names: of what is chosen or mixed.
    dtype: as NumPy calls it.
    layout: of images: "NHWC" or "NCHW".
  """

  name: str
  shape: Shape
  kind: str
  low: float = 0.0
  high: float = 1.0
  names: tuple[str, ...] = ()
  dtype: str = "float32"
  layout: str = ""


class Exportable(NamedTuple):
  """A function `(weights, *inputs) -> images`.

  Attributes:
    function: pure and traceable, in float32.
    weights: tree of NumPy arrays.
    inputs: in order.
    output: the images.
  """

  function: Callable[..., jax.Array]
  weights: Any
  inputs: tuple[Array, ...]
  output: Array


def latents(name: str, shape: Shape, distribution: str = "normal") -> Array:
  """Noise, standard normal or uniform in (-1, 1)."""
  return Array(name, (BATCH, *shape), distribution, -1.0, 1.0)


def choice(name: str, names: tuple[str, ...]) -> Array:
  """One of some names, or none."""
  return Array(name, (BATCH,), "choice", -1, len(names) - 1, names, "int32")


def mixture(name: str, names: tuple[str, ...]) -> Array:
  """Weights of some names."""
  return Array(name, (BATCH, len(names)), "mixture", names=names)


def image(name: str, shape: Shape, low: float, high: float) -> Array:
  """Images [h, w, c] of a range."""
  return Array(name, (BATCH, *shape), "image", low, high, layout="NHWC")
