"""How well images of A are translated to B: seams, nearness to B, what is left of A."""

from collections.abc import Callable, Iterator
import functools
import time

import ml_collections
import numpy as np

from jaxgan.errors import UserError
from jaxgan.experiments.shared import arguments, unpaired
from jaxgan.features import extractors
from jaxgan.metrics import content, generative, seams

Translate = Callable[[np.ndarray], np.ndarray]
RANGES = {
  "evaluate.num": (generative.MIN_IMAGES, float("inf")),
  "evaluate.size": (0, float("inf")),
}


class Comparison:
  """Compares translated windows of A with the same before, and with windows of B.

  Args:
    domains: both domains; A's windows are of the images held out.
    num: windows of each domain.
    side: of the windows in pixels; 0 is 4 tiles, or what fits into all images.
    tile: side of the tiles in pixels.

  Raises:
    UserError: windows of that side do not fit, or have no seams.
  """

  def __init__(self, domains: unpaired.Domains, num: int, side: int, tile: int):
    sets = domains.evaluated, domains.b
    self._side = side or min(4 * tile, *(int(images.shapes.min()) for images in sets))
    check_side(self._side, tile, "size")
    for images in sets:
      unpaired.check_fit(images, self._side)
    self._domains, self._num, self._tile = domains, num, tile

  @property
  def tiles(self) -> int:
    """Tiles that cover a window."""
    return (-(-self._side // self._tile)) ** 2

  @functools.cached_property
  def _a(self) -> np.ndarray:
    return unpaired.windows(self._domains.evaluated, self._num, self._side)

  @functools.cached_property
  def reference(self) -> generative.Reference:
    """Features of B's windows."""
    return generative.create_reference(
      unpaired.windows(self._domains.b, self._num, self._side),
      extractor=extractors.vgg16_features(),
    )

  def protocol(self) -> str:
    """How the numbers are made: only those of the same protocol may be compared."""
    return (
      f"windows of A of {self._side}x{self._side}, tiles of {self._tile}; "
      f"{generative.protocol(self._num, self.reference)}"
    )

  def __call__(
    self, translate: Translate, *, thorough: bool = False, tile: int = 0
  ) -> Iterator[tuple[str, float]]:
    """Yields (name, value); *_real are those of A's windows, which were never tiled.

    seam_ratio is of steps across seams, seam_lines of those beside them as well.

    Args:
      translate: an image of A, uint8 [h, w, 3], to the same.
      thorough: with measures that would slow training down, or say nothing in it.
      tile: pixels from seam to seam; 0 for the side of the tiles.
    """
    if thorough:
      translate(self._a[0])  # Compiles, which is not to be timed.
    start = time.monotonic()
    translated = np.stack([translate(x) for x in self._a])
    if thorough:
      seconds = time.monotonic() - start
      yield "seconds_per_megapixel", seconds / (self._num * self._side**2 / 1e6)
    for name, reach in (("seam_ratio", 0), ("seam_lines", 2)):
      for suffix, images in (("", translated), ("_real", self._a)):
        images = images.astype(np.float32)
        ratio = seams.seam_ratio(images, tile or self._tile, reach)
        yield name + suffix, float(ratio)
    yield from content.compare(self._a, translated, thorough=thorough)
    for name, value in generative.compare(translated, self.reference):
      if name.startswith(("fd_", "kid_", "swd_", "saturation")):
        yield name, value


def arguments_of(
  config: ml_collections.ConfigDict, num: int, size: str, tile: int
) -> tuple[int, int, int]:
  """`Comparison`'s (num, side, tile) for options of the verb `evaluate`.

  Args:
    config: of the run; its `evaluate` supplies what the options leave open.
    num: windows of each domain, or 0.
    size: side of the windows, or "".
    tile: side of the tiles in pixels.

  Raises:
    UserError: an option makes no sense.
  """
  num = num or config.evaluate.num
  arguments.check_num(num, least=generative.MIN_IMAGES)
  side = arguments.side(size) or config.evaluate.size
  arguments.check_memory(num, side or 4 * tile, side or 4 * tile)
  return num, side, tile


def check_side(side: int, tile: int, name: str) -> None:
  """Raises UserError for windows too small to evaluate seams and content on."""
  least = max(tile + 1, 16)  # LPIPS needs 16 pixels.
  if side < least:
    raise UserError(
      f"{name} = {side}: a window needs more than one tile of {tile} pixels to have "
      f"seams: make it {least} or more."
    )
