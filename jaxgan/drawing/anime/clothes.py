"""Neck, shoulders and what the person wears."""

from __future__ import annotations

import numpy as np

from jaxgan.drawing.anime import canvas, ornaments, palette, shapes, traits

# Half outlines, from the neck to below any image.
_BODY = [
  (0.085, 0.2),
  (0.085, 0.34),
  (0.11, 0.385),
  (0.2, 0.42),
  (0.34, 0.47),
  (0.44, 0.6),
  (0.46, 1.2),
  (0.46, 3.0),
]
_SHOULDERS = [(0.22, 0.4), (0.36, 0.45), (0.48, 0.6), (0.5, 1.2), (0.5, 3.0)]
_NECK_SHADOW = [(-0.1, 0.2), (0.1, 0.2), (0.092, 0.33), (0.0, 0.37), (-0.092, 0.33)]
_CUTS = dict(
  sailor=(0.12, 0.48),
  shirt=(0.1, 0.43),
  sweater=(0.1, 0.33),
  round=(0.17, 0.45),
  hood=(0.16, 0.42),
)  # Width and depth at the neck.


def paint(pen: canvas.Canvas, look: traits.Traits, rng: np.random.Generator) -> None:
  """Paints neck and shoulders, bare or dressed."""
  pen.shape(shapes.curve(shapes.mirror(_BODY)), look.skin, look.skin_line)
  pen.fill(shapes.curve(_NECK_SHADOW, closed=True), look.skin_shade)
  kind = traits.pick(rng, ("bare", "choker", *_CUTS))
  cloth, accent = palette.cloth(rng), palette.cloth(rng)
  line = palette.mix(cloth, (30, 20, 40), 0.65)
  if kind in _CUTS:
    width, depth = _CUTS[kind]
    half = [(width * 0.5, depth), (width, depth - 0.05), *_SHOULDERS]
    pen.shape(shapes.curve(shapes.mirror(half)), cloth, line)
  if kind == "choker":
    pen.fill([(-0.09, 0.32), (0.09, 0.32), (0.095, 0.35), (-0.095, 0.35)], accent)
    pen.fill(shapes.ellipse((0, 0.355), (0.016, 0.02)), (246, 214, 96))
  elif kind == "sailor":
    _paint_sailor(pen, accent, palette.cloth(rng), line)
  elif kind == "shirt":
    _paint_shirt(pen, accent, line)
  elif kind == "sweater":
    roll = [(-0.1, 0.32), (0.1, 0.32), (0.125, 0.4), (0, 0.43), (-0.125, 0.4)]
    pen.shape(
      shapes.curve(roll, closed=True), palette.mix(cloth, palette.WHITE, 0.15), line
    )
  elif kind == "hood":
    roll = [(0.1, 0.34), (0.24, 0.36), (0.3, 0.45), (0.12, 0.5), (0.06, 0.43)]
    pen.shape(
      shapes.both(shapes.curve(roll, closed=True)),
      palette.mix(cloth, palette.WHITE, 0.2),
      line,
    )


def _paint_sailor(pen, collar, bow, line) -> None:
  flap = [(0.1, 0.37), (0.24, 0.4), (0.3, 0.5), (0.16, 0.6), (0.0, 0.56)]
  pen.shape(shapes.both(flap), collar, line)
  stripe = [(0.27, 0.47), (0.15, 0.56), (0.02, 0.53)]
  pen.line(shapes.both(stripe), palette.WHITE, 0.009)
  ornaments.paint_bow(pen, (0, 0.55), 0.1, bow)


def _paint_shirt(pen, tie, line) -> None:
  flap = [(0.085, 0.33), (0.14, 0.37), (0.13, 0.47), (0.0, 0.42)]
  pen.shape(shapes.both(flap), (250, 250, 252), (120, 120, 140))
  pen.shape([(-0.03, 0.42), (0.03, 0.42), (0.045, 0.7), (-0.045, 0.7)], tie, line)
