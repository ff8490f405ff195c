"""Samples of one image against that image: likeness, variety, copying."""

from collections.abc import Iterator, Sequence

import numpy as np

from jaxgan.errors import UserError, nearest
from jaxgan.features import vgg
from jaxgan.metrics import copies, estimates, sifid

Value = float | str | list[float]


def layers(names: str, inception: str) -> list[sifid.Layer]:
  """What SIFID is computed on.

  Args:
    names: of VGG16's layers, divided by commas.
    inception: a file of weights, or ""; see `sifid.inception_layer`.

  Raises:
    UserError: there is no such layer, or the file cannot be read.
  """
  result = []
  for name in filter(None, names.split(",")):
    if name not in vgg.LAYERS:
      raise UserError(f"--layers={names}: {nearest(name, vgg.LAYERS)}")
    result.append(sifid.vgg16_layer(name))
  if inception:
    result += [sifid.inception_layer(channels, inception) for channels in (64, 192)]
  return result


def sides(patches: str, shape: Sequence[int]) -> list[int]:
  """The sides that fit the image, half of which they may take; half, if none does.

  Raises:
    UserError: these are no sides.
  """
  try:
    found = [int(side) for side in filter(None, patches.split(","))]
  except ValueError as error:
    raise UserError(
      f"--patches={patches} are not sides in pixels, such as 11,32."
    ) from error
  if not found or min(found) < 1:
    raise UserError(f"--patches={patches}: give sides of 1 pixel or more.")
  most = min(shape[:2]) // 2
  return [side for side in found if side <= most] or [most]


def compare(
  real: np.ndarray,
  fakes: np.ndarray,
  layers: Sequence[sifid.Layer],
  sides: Sequence[int],
  each: bool,
) -> Iterator[tuple[str, Value]]:
  """Yields names and values.

  Args:
    real: what was learned from, uint8 [h, w, c].
    fakes: samples of its size, uint8 [n, h, w, c].
    layers: see `layers`.
    sides: of the patches that are looked for in the real image.
    each: also list the SIFID of every sample.
  """
  # SIFID is never alone: copies of the image have the best. What follows shows them.
  for layer in layers:
    values = sifid.sifid(layer, real, fakes)
    yield layer.name, float(np.median(values))
    yield from estimates.named(f"{layer.name}_mean", estimates.mean(values))
    if each:
      yield f"{layer.name}_each", [round(float(value), 6) for value in values]
  yield "diversity", sifid.diversity(real, fakes)
  yield from estimates.named("lpips_diversity", sifid.lpips_diversity(fakes))
  for side in sides:
    matches = [copies.match(real, fake, size=side) for fake in fakes]
    for name, values in (
      (f"patch_distance_{side}", [x.distance for x in matches]),
      (f"in_place_{side}", [x.in_place() for x in matches]),
      (f"moved_as_one_{side}", [x.moved_as_one() for x in matches]),
    ):
      yield from estimates.named(name, estimates.mean(values))
