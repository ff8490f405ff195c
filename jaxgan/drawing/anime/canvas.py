"""Pens that draw filled outlines on a supersampled image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import contextlib
import functools

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from jaxgan.drawing.anime import palette, shapes

_MIN_SIDE = 288  # Pixels along the shorter side while drawing, at least.
_HEAD_RADIUS = 0.36  # Within it, what is in front moves when the head turns.
_TURN = (0.07, 0.035)  # How far it moves at most.


class Canvas:
  """An image, the placing of the head in it, and the pens that draw there.

  Args:
    height, width: of the finished image, in pixels.
    scale: of the head, 1 for about three quarters of the shorter side.
    tilt: the head's rotation in radians, clockwise.
    shift: (x, y) of the head's center from the middle, in head units.
    turn: (right, down), each about -1 to 1: where the face looks.
  """

  def __init__(
    self,
    height: int,
    width: int,
    *,
    scale: float = 1.0,
    tilt: float = 0.0,
    shift: Sequence[float] = (0, 0),
    turn: Sequence[float] = (0, 0),
  ):
    side = min(height, width)
    self._factor = max(2, -(-_MIN_SIDE // side))
    self.size = (width * self._factor, height * self._factor)
    self.reach = max(height, width) / side  # Half of it is the farthest border.
    self._unit = side * self._factor
    self._pixel = scale * self._unit
    self.image = Image.new("RGB", self.size)
    self._opaque = ImageDraw.Draw(self.image)
    self._blended = ImageDraw.Draw(self.image, "RGBA")
    cos, sin = np.cos(tilt) * self._pixel, np.sin(tilt) * self._pixel
    self._matrix = np.array([[cos, sin], [-sin, cos]])
    self._turn = np.multiply(turn, _TURN) @ self._matrix
    # ImageDraw drops the fraction of a coordinate: half a pixel more rounds it.
    self._origin = np.multiply(shift, self._unit) + np.divide(self.size, 2) + 0.5

  def place(self, points: np.ndarray) -> list[float]:
    """Pixel coordinates x0, y0, x1, ... of points in head units."""
    near = 1.0 - np.einsum("ij,ij->i", points, points) * _HEAD_RADIUS**-2
    placed = points @ self._matrix
    placed += self._origin
    placed += np.maximum(near, 0.0)[:, None] * self._turn
    return placed.ravel().tolist()

  def fill(
    self, points: shapes.Points, color: palette.Color, opacity: float = 1.0
  ) -> None:
    """Fills a closed outline [n, 2], or several of equal length [m, n, 2]."""
    pen, ink = self._opaque, color
    if opacity < 1.0:
      pen, ink = self._blended, (*color, int(255 * opacity))
    for placed in self._place_each(points):
      pen.polygon(placed, ink)

  def shape(
    self,
    points: shapes.Points,
    color: palette.Color,
    outline: palette.Color,
    width: float = 0.006,
  ) -> None:
    """Fills closed outlines and draws them."""
    for placed in self._place_each(points):
      self._opaque.polygon(placed, color)
      self._opaque.line(placed + placed[:4], outline, self._pixels(width))

  def line(
    self, points: shapes.Points, color: palette.Color, width: float = 0.006
  ) -> None:
    """Draws open lines of even width."""
    for placed in self._place_each(points):
      self._opaque.line(placed, color, self._pixels(width))

  def stroke(
    self, points: np.ndarray, color: palette.Color, width: float, opacity: float = 1.0
  ) -> None:
    """Draws open lines that thin out at both ends."""
    widths = width * shapes.bulge(points.shape[-2])
    self.fill(shapes.ribbon(points, widths), color, opacity)

  def mask(self, points: shapes.Points) -> Image.Image:
    """255 inside a closed outline, 0 outside."""
    mask = Image.new("L", self.size)
    ImageDraw.Draw(mask).polygon(self.place(np.asarray(points, float)), 255)
    return mask

  @contextlib.contextmanager
  def inside(self, points: np.ndarray, margin: float) -> Iterator[None]:
    """Keeps only what is drawn inside of closed outlines.

    Args:
      points: the outlines, [..., n, 2].
      margin: how far around their common box the drawing may go, in head units.
    """
    outlines = np.reshape(self._place_each(points), (-1, points.shape[-2], 2))
    more = margin * self._pixel
    low = (outlines.min((0, 1)) - more).astype(int)
    high = (outlines.max((0, 1)) + more).astype(int)
    before = self.image.crop((*low, *high))
    yield
    outside = Image.new("L", before.size, 255)
    for outline in outlines - low:
      ImageDraw.Draw(outside).polygon(outline.ravel().tolist(), 0)
    self.image.paste(before, (*low, *high), outside)

  def tint(self, color: palette.Color, *masks: Image.Image) -> None:
    """Blends a color in wherever all the masks are bright."""
    self.image.paste(color, (0, 0), functools.reduce(ImageChops.multiply, masks))

  def ramp(self, opacity: float, *, down: bool) -> Image.Image:
    """A mask that grows from 0 to `opacity` downwards, or upwards."""
    ends = (0, 255 * opacity) if down else (255 * opacity, 0)
    column = np.linspace(*ends, self.size[1]).astype(np.uint8)
    return Image.fromarray(column[:, None]).resize(self.size, Image.Resampling.NEAREST)

  def glow(
    self,
    center: Sequence[float],
    radii: Sequence[float],
    color: palette.Color,
    opacity: float,
  ) -> None:
    """Blends in an ellipse that fades out towards its edge."""
    x, y = self.place(np.asarray(center, float)[None])
    width, height = (int(2 * radius * self._pixel) for radius in radii)
    if width and height:
      blob = _blob(int(255 * opacity)).resize((width, height))
      self.image.paste(color, (int(x - width / 2), int(y - height / 2)), blob)

  def finish(self, channels: int) -> np.ndarray:
    """The image at its final size, uint8 [h, w, channels]."""
    image = self.image.reduce(self._factor)
    if channels == 1:
      return np.asarray(image.convert("L"))[..., None]
    return np.asarray(image)

  def _place_each(self, points: shapes.Points) -> list[list[float]]:
    outlines = np.asarray(points, float)
    placed, step = self.place(outlines.reshape(-1, 2)), 2 * outlines.shape[-2]
    return [placed[start : start + step] for start in range(0, len(placed), step)]

  def _pixels(self, width: float) -> int:
    return max(1, round(width * self._pixel))


@functools.cache
def _blob(peak: int) -> Image.Image:
  x = np.linspace(-1, 1, 32)
  fade = np.clip(1.0 - np.hypot(x, x[:, None]), 0.0, 1.0)
  return Image.fromarray((peak * fade * fade * (3 - 2 * fade)).astype(np.uint8))
