"""Head, nose, mouth and blush."""

from __future__ import annotations

import numpy as np

from jaxgan.drawing.anime import canvas, palette, shapes, traits

_FACE = np.array(
  [
    (0.03, -0.3),
    (0.17, -0.26),
    (0.252, -0.12),
    (0.268, 0.02),
    (0.25, 0.12),
    (0.19, 0.205),
    (0.105, 0.265),
    (0.035, 0.293),
  ]
)
_EAR = np.array(
  [(0.25, 0.0), (0.285, -0.03), (0.305, 0.005), (0.29, 0.065), (0.258, 0.09)]
)
_RED = (150, 62, 66)
_LINES = dict(  # Closed mouths: (x in half widths, y).
  smile=[(-1, -0.012), (-0.4, 0.006), (0.4, 0.006), (1, -0.012)],
  flat=[(-0.7, 0.0), (0.0, -0.003), (0.7, 0.0)],
  frown=[(-0.7, 0.01), (0.0, -0.006), (0.7, 0.01)],
  smirk=[(-0.9, 0.006), (0.0, 0.006), (1.0, -0.014)],
  dot=[(-0.3, 0.0), (0.3, 0.0)],
  cat=[(-1, -0.01), (-0.55, 0.012), (0, -0.006), (0.55, 0.012), (1, -0.01)],
)
_OPEN = dict(open=1.1, grin=0.7, round=0.5)  # Open mouths: depth in half widths.
_MOUTHS = ("smile", "open", *_LINES, *_OPEN)  # Two of them twice as likely.


def paint(pen: canvas.Canvas, look: traits.Traits, rng: np.random.Generator) -> None:
  """Paints ears and face with all but eyes and brows."""
  ear = shapes.curve(_EAR, closed=True)
  pen.shape(shapes.both(ear), look.skin, look.skin_line)
  pen.shape(_outline(rng), look.skin, look.skin_line, 0.007)
  _paint_blush(pen, look, rng)
  _paint_nose(pen, look, rng)
  _paint_mouth(pen, look, rng)


def _outline(rng) -> np.ndarray:
  """The face's outline, from round to pointed."""
  jaw = rng.uniform(-1, 1)
  half = _FACE.copy()
  half[4:, 0] *= 1.0 + np.array([0.02, 0.06, 0.1, 0.1]) * jaw
  half[5:, 1] -= 0.012 * jaw
  return shapes.curve(shapes.mirror(half), closed=True)


def _paint_blush(pen, look, rng) -> None:
  strength = rng.uniform(0.1, 0.65)
  color = palette.mix(look.skin, (250, 96, 104), 0.7)
  for x in (-0.165, 0.165):
    pen.glow((x, 0.115), (0.085, 0.055), color, strength)
  if strength > 0.55:
    x = np.array([-0.19, -0.165, -0.14, 0.14, 0.165, 0.19])[:, None, None] * (1, 0)
    hatching = np.add(x, [(0.008, 0.1), (-0.008, 0.13)])
    pen.line(hatching, palette.mix(color, _RED, 0.4), 0.005)


def _paint_nose(pen, look, rng) -> None:
  kind, x = rng.random(), 0.008 * look.side
  if kind < 0.45:
    pen.stroke(
      np.array([(x, 0.095), (x * 2.2, 0.113), (x * 0.4, 0.12)]), look.skin_line, 0.009
    )
  elif kind < 0.75:
    pen.fill([(x, 0.085), (x * 3, 0.118), (-x, 0.122)], look.skin_shade)
    pen.line([(x * 3, 0.118), (-x, 0.122)], look.skin_line, 0.005)
  else:
    pen.fill(shapes.ellipse((x, 0.11), (0.006, 0.006)), look.skin_line)


def _paint_mouth(pen, look, rng) -> None:
  kind = traits.pick(rng, _MOUTHS)
  width, y = rng.uniform(0.035, 0.06), 0.19 + rng.uniform(-0.008, 0.008)
  line = palette.mix(look.skin_line, _RED, 0.5)
  if kind in _OPEN:
    _paint_open_mouth(pen, kind, width, y, line)
    return
  points = shapes.curve(_LINES[kind]) * (width, 1.2) + np.array((0, y))
  pen.stroke(points, line, 0.011)
  if kind in ("flat", "smile", "dot"):  # The lower lip's shadow.
    lip = np.add([(-0.014, 0.03), (0.0, 0.033), (0.014, 0.03)], (0, y))
    pen.stroke(lip, look.skin_shade, 0.008)


def _paint_open_mouth(pen, kind, width, y, line) -> None:
  deep, top = width * _OPEN[kind], y - 0.018
  if kind == "round":
    shape = shapes.ellipse((0, y), (width * 0.45, deep))
  else:
    half = [(width, top - 0.004), (width * 0.7, top + deep * 0.7)]
    shape = shapes.curve(
      [(0, top + 0.004), *half, (0, top + deep), *np.multiply(half[::-1], (-1, 1))],
      closed=True,
    )
  pen.fill(shape, (176, 62, 70))
  center = shape.mean(0)
  if kind == "grin":
    pen.fill(center + (shape - center) * (0.9, 0.75), (255, 252, 250))
  else:
    tongue = center + (0, 0.012) + (shape - center) * (0.6, 0.45)
    pen.fill(tongue, (238, 128, 128))
  pen.line(np.concatenate([shape, shape[:1]]), line, 0.006)
