"""Eyes and brows."""

from __future__ import annotations

import dataclasses

import numpy as np

from jaxgan.drawing.anime import canvas, palette, shapes, traits

_UPPER = np.array(
  [
    (-1.0, 0.22),
    (-0.8, -0.45),
    (-0.3, -0.9),
    (0.25, -0.98),
    (0.72, -0.68),
    (1.0, -0.02),
  ]
)  # Inner to outer corner.
_LOWER = np.array([(0.9, 0.45), (0.55, 0.85), (0.0, 1.0), (-0.55, 0.86)])
_SHAPES = dict(  # Half width, half height, slant in radians, droop of the upper lid.
  round=(0.076, 0.077, 0.0, 0.0),
  gentle=(0.08, 0.07, -0.16, 0.0),
  sharp=(0.084, 0.064, 0.2, 0.0),
  narrow=(0.084, 0.058, 0.08, 0.25),
  tall=(0.07, 0.086, 0.04, 0.0),
  sleepy=(0.08, 0.07, -0.04, 0.4),
)
_BROWS = dict(
  calm=(0.0, 0.0),
  raised=(0.02, 0.05),
  worried=(0.008, -0.3),
  angry=(-0.02, 0.3),
  flat=(-0.008, 0.08),
)  # Lift, angle.
_DISTANCE = 0.145  # Of an eye's center from the middle of the face.


@dataclasses.dataclass(frozen=True)
class _Eyes:
  """The outlines of m eyes (2, or 1 beside a wink), in head units."""

  upper: np.ndarray  # [m, n, 2]: lid, from the inner to the outer corner.
  lower: np.ndarray  # [m, n, 2]: lid, from the outer to the inner corner.
  lash: np.ndarray  # [m, n, 2], closed.
  wing: np.ndarray  # [m, 3, 2], closed: the lash beyond the outer corner.
  crease: np.ndarray  # [m, n, 2]: of the upper lid.
  centers: np.ndarray  # [m, 1, 2]: of the irises.
  radii: np.ndarray  # [2]: of an iris.


def paint(pen: canvas.Canvas, look: traits.Traits, rng: np.random.Generator) -> None:
  """Paints both eyes; rarely one of them winks."""
  kind = _SHAPES[traits.pick(rng, tuple(_SHAPES))]
  size, heavy = rng.uniform(1.02, 1.2), rng.uniform(0.8, 1.3)
  gaze = rng.uniform(-1, 1, 2) * (0.01, 0.006) + (0.014 * look.turn[0], 0.0)
  pupil = rng.uniform(0.3, 0.42)
  spark = np.array((-0.38 if rng.random() < 0.75 else 0.36, -0.4))
  sides = np.array([1, -1])
  if rng.random() < 0.03:
    _paint_wink(pen, look)
    sides = np.array([-look.side])
  eyes = _shape(kind, size, heavy, gaze, sides)
  _paint_balls(pen, look, eyes, pupil)
  _paint_sparks(pen, eyes, spark)
  _paint_lids(pen, look, eyes, winged=heavy > 1.0)


def _shape(kind, size, heavy, gaze, sides) -> _Eyes:
  width, height, slant, droop = kind
  upper, lower = shapes.curve(_UPPER), shapes.curve(_LOWER)
  upper[:, 1] = np.maximum(upper[:, 1], droop - 1.0)
  thick = np.linspace(0.1, 0.3, len(upper))[:, None] * heavy
  above = upper - thick * (0, 1)
  above[-1] = upper[-1] + (0.28, -0.3)
  lash = np.concatenate([np.add(upper, (0, 0.05)), above[::-1]])
  wing = np.array([(0.8, -0.5), (1.28, -0.62), (1.0, -0.15)])
  crease = np.add(upper[4:-3], (0, -0.5))
  cos, sin = np.cos(slant), np.sin(slant)
  matrix = [
    [width * size * cos, -width * size * sin],
    [height * size * sin, height * size * cos],
  ]
  mirrors = np.stack([sides, np.ones_like(sides)], 1)[:, None]
  placed = (
    (points @ matrix + (_DISTANCE, 0.005)) * mirrors
    for points in (upper, lower, lash, wing, crease)
  )
  radii = np.array((width * 0.74, height * 0.95)) * size
  return _Eyes(*placed, mirrors * (_DISTANCE - 0.006, 0.005) + gaze, radii)


def _paint_balls(pen, look, eyes, pupil) -> None:
  """White, iris and pupil, cut off by the lids."""
  color, dark = look.eye_color, palette.mix(look.eye_color, (24, 10, 40), 0.6)
  opening = np.concatenate([eyes.upper, eyes.lower], axis=1)
  across, down = eyes.radii

  def paint_oval(x, y, shade, opacity=1.0, lower=0.0):
    oval = shapes.ellipse((0, lower * down), (x * across, y * down))
    pen.fill(oval + eyes.centers, shade, opacity)

  with pen.inside(opening, margin=0.035):
    pen.fill(opening, (252, 250, 252))
    paint_oval(1.0, 1.0, dark)
    paint_oval(0.86, 0.86, color, lower=0.04)
    paint_oval(0.84, 0.5, dark, 0.6, lower=-0.45)
    paint_oval(0.58, 0.3, palette.mix(color, (255, 255, 240), 0.5), 0.85, lower=0.52)
    paint_oval(pupil, pupil, palette.mix(dark, (10, 6, 16), 0.6))
    shadow = np.concatenate([eyes.upper, eyes.upper[:, ::-1] + (0, 0.022)], axis=1)
    pen.fill(shadow, look.ink, 0.35)  # Of the upper lid.


def _paint_sparks(pen, eyes, spark) -> None:
  """A large catchlight, and a small one across the pupil."""
  large = shapes.ellipse(spark * eyes.radii, eyes.radii * (0.32, 0.26))
  pen.fill(large + eyes.centers, palette.WHITE)
  small = shapes.ellipse(-1.15 * spark * eyes.radii, eyes.radii * 0.15)
  pen.fill(small + eyes.centers, palette.WHITE, 0.85)


def _paint_lids(pen, look, eyes, *, winged) -> None:
  pen.fill(eyes.lash, look.ink)
  if winged:
    pen.fill(eyes.wing, look.ink)
  pen.stroke(eyes.lower, palette.mix(look.ink, look.skin_line, 0.5), 0.009)
  pen.stroke(eyes.crease, look.skin_line, 0.006, 0.7)


def _paint_wink(pen, look) -> None:
  lid = np.array([(-1, 0.1), (-0.4, 0.45), (0.3, 0.45), (1, 0.0), (1.2, -0.1)])
  points = shapes.curve((lid * (0.075, 0.06) + (_DISTANCE, 0.0)) * (look.side, 1))
  pen.stroke(points, look.ink, 0.024)


def paint_brows(
  pen: canvas.Canvas, look: traits.Traits, rng: np.random.Generator
) -> None:
  """Paints the brows, which show through the fringe."""
  lift, angle = _BROWS[traits.pick(rng, tuple(_BROWS))]
  thick = rng.uniform(0.008, 0.018)
  color = palette.mix(look.hair_line, look.hair_shade, 0.35)
  x = np.array([-1.0, -0.3, 0.4, 1.0])
  y = np.array([0.004, -0.012, -0.014, 0.004]) - lift - 0.125 - angle * 0.06 * x
  brow = shapes.curve(np.stack([_DISTANCE + 0.065 * x, y], 1))
  pen.stroke(shapes.both(brow), color, thick, 0.8)
