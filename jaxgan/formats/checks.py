"""What is checked of an exported file: its name, and that it computes what JAX does."""

from collections.abc import Callable, Mapping
import pathlib

from absl import logging
import jax
import numpy as np

from jaxgan import errors
from jaxgan.experiments.shared.exportable import Array, Exportable
from jaxgan.formats import arranged

LIMIT = 1e-3  # Of the range of the images.
COUNTS = (1, 3)  # Images of a batch.
PIXELS = (16, 24)  # Numbers for height and width, before they are multiplied.


def check_name(output: pathlib.Path, suffix: str) -> None:
  """Raises UserError for a file that is not named as its format is."""
  if output.suffix != suffix:
    raise errors.UserError(f"--output={output}: name it NAME{suffix}.")


def compare(
  exportable: Exportable,
  options: arranged.Options,
  call: Callable[..., np.ndarray],
  name: str,
) -> None:
  """Compares an export with the function that it was made of, on random inputs.

  Args:
    exportable: the family's own.
    options: how it was exported.
    call: the export, of arrays in order.
    name: of what runs it, for the log.

  Raises:
    UserError: they differ by more than LIMIT.
  """
  told = arranged.arrange(exportable, options)
  # As the family computes it: with all digits, and this machine's convolutions.
  exact = arranged.arrange(exportable, arranged.Options(options.layout))
  reference = jax.jit(exact.function)
  span = exact.output.high - exact.output.low
  for number, sides in enumerate(sizes(told)):
    generator = np.random.default_rng(number)
    inputs = [draw(array, sides, generator) for array in told.inputs]
    floats = [
      x if array.dtype == x.dtype else x / np.float32(255) * span_of(array) + array.low
      for x, array in zip(inputs, exact.inputs, strict=True)
    ]
    want = np.asarray(reference(exact.weights, *floats))
    got = np.asarray(call(*inputs)).astype(np.float32)
    if options.bytes:
      got = got / 255 * span + exact.output.low
    if got.shape != want.shape:
      raise errors.UserError(f"{name} gives {got.shape} instead of {want.shape}.")
    # Rounding to bytes takes half of one.
    rounding = 0.5 / 255 if options.bytes else 0.0
    difference = max(float(np.abs(got - want).max()) / span - rounding, 0.0)
    logging.info(
      "%s and JAX, images %s: %.1e of the range", name, want.shape, difference
    )
    if not difference <= LIMIT:
      remedy = (
        "use --dtype=float32" if options.dtype == "float16" else "use another format"
      )
      raise errors.UserError(
        f"nothing is written, since {name} differs from JAX by {difference:.1e} of the "
        f"range: {remedy}."
      )


def span_of(array: Array) -> np.float32:
  """The width of an array's range."""
  return np.float32(array.high - array.low)


def sizes(exportable: Exportable) -> list[dict[str, int]]:
  """Two choices of the sides that are free, by name."""
  free = arranged.frees(exportable)
  return [
    {
      name: count if name == "batch" else side.multiple * max(pixels, side.least)
      for name, side in free.items()
    }
    for count, pixels in zip(COUNTS, PIXELS, strict=True)
  ]


def draw(
  array: Array, sides: Mapping[str, int], generator: np.random.Generator
) -> np.ndarray:
  """Random values of an input."""
  shape = tuple(x if isinstance(x, int) else sides[x.name] for x in array.shape)
  if array.kind == "normal":
    values = generator.standard_normal(shape)
  elif array.kind == "mixture":
    values = generator.dirichlet(np.ones(shape[-1]), shape[:-1])
  elif array.dtype == "float32":
    values = generator.uniform(array.low, array.high, shape)
  else:
    values = generator.integers(int(array.low), int(array.high) + 1, shape)
  return values.astype(array.dtype)
