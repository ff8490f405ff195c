"""What some faces wear, and the stray lock that stands up."""

from __future__ import annotations

import numpy as np

from jaxgan.drawing.anime import canvas, palette, shapes, traits

_BOW = np.array([(0, 0), (0.5, -0.55), (1, -0.5), (0.95, 0.5), (0.5, 0.45)])
_CAT_EAR = np.array(
  [(0.1, -0.36), (0.17, -0.46), (0.265, -0.52), (0.31, -0.38), (0.32, -0.24)]
)


def paint_bow(
  pen: canvas.Canvas, center: tuple[float, float], size: float, color: palette.Color
) -> None:
  """Paints a ribbon's bow, `size` wide on either side."""
  line = palette.mix(color, (30, 16, 30), 0.6)
  wings = shapes.both(shapes.curve(_BOW * size, closed=True))
  pen.shape(wings + center, color, line)
  knot = shapes.ellipse(center, (size * 0.22, size * 0.26))
  pen.shape(knot, palette.mix(color, palette.WHITE, 0.2), line)


def paint_ears(
  pen: canvas.Canvas, look: traits.Traits, rng: np.random.Generator
) -> None:
  """Paints a cat's ears on some heads; the front hair then covers their roots."""
  if look.style == "buns" or rng.random() > 0.08:
    return
  ears = shapes.both(_CAT_EAR * look.volume)
  pen.shape(ears, look.hair_color, look.hair_line)
  middle = ears.mean(1, keepdims=True)
  pen.fill(middle + (ears - middle) * 0.6, (248, 178, 186))


def paint_glasses(pen: canvas.Canvas, rng: np.random.Generator) -> None:
  """Paints glasses on some faces."""
  if rng.random() > 0.09:
    return
  color = traits.pick(rng, ((60, 44, 60), (150, 40, 50), (50, 60, 120), (120, 90, 60)))
  rim = shapes.ellipse((0.145, 0.015), (0.115, 0.095))
  if rng.random() < 0.4:
    rim = np.clip(rim, (0.045, -0.06), (0.245, 0.085))
  rims = shapes.both(np.concatenate([rim, rim[:1]]))
  pen.fill(rims, palette.WHITE, 0.12)
  pen.line(rims, color, 0.008)
  pen.line([(-0.035, 0.0), (0.0, -0.01), (0.035, 0.0)], color, 0.008)


def paint(pen: canvas.Canvas, look: traits.Traits, rng: np.random.Generator) -> None:
  """Paints what is worn on the hair."""
  kind, color = rng.random(), palette.cloth(rng)
  spot = (look.side * rng.uniform(0.2, 0.26), rng.uniform(-0.26, -0.2))
  line = palette.mix(color, (30, 16, 30), 0.6)
  if look.style == "twintails":
    for side in (-1, 1):
      paint_bow(pen, (side * 0.3, -0.22), 0.085, color)
  elif kind < 0.1:
    paint_bow(pen, spot, rng.uniform(0.08, 0.13), color)
  elif kind < 0.18:
    _paint_band(pen, look, color, line)
  elif kind < 0.25:
    _paint_flower(pen, spot, color, line)
  elif kind < 0.33:
    _paint_clips(pen, look, color, line)
  if rng.random() < 0.2:
    _paint_stray_lock(pen, look, rng)


def _paint_band(pen, look, color, line) -> None:
  angle = np.linspace(-1.25, 1.25, 15)
  arc = np.stack([np.sin(angle) * 0.345, -np.cos(angle) * 0.31 - 0.03], 1) * look.volume
  pen.shape(shapes.ribbon(arc, np.full(15, 0.04)), color, line)
  pen.line(arc - (0, 0.008), palette.mix(color, palette.WHITE, 0.5), 0.007)


def _paint_flower(pen, spot, color, line) -> None:
  for angle in np.arange(5) * 2 * np.pi / 5:
    center = np.add(spot, (0.045 * np.sin(angle), 0.045 * np.cos(angle)))
    pen.shape(shapes.ellipse(center, (0.036, 0.036)), color, line)
  pen.fill(shapes.ellipse(spot, (0.026, 0.026)), (252, 214, 96))


def _paint_clips(pen, look, color, line) -> None:
  bar = np.array([(0.165, -0.16), (0.25, -0.195), (0.256, -0.174), (0.171, -0.14)])
  bars = np.stack([bar, np.add(bar, (0, 0.045))]) * (look.side, 1)
  pen.shape(bars, color, line)


def _paint_stray_lock(pen, look, rng) -> None:
  lean = look.side * rng.uniform(0.5, 1.2)
  lock = np.array(
    [
      (-0.03, 0.0),
      (0.0, -0.07),
      (0.08, -0.11),
      (0.15, -0.07),
      (0.08, -0.075),
      (0.03, -0.03),
      (0.025, 0.0),
    ]
  )
  outline = shapes.curve(lock * (lean, 1.0) + (0, -0.405 * look.volume))
  pen.shape(outline, look.hair_color, look.hair_line)
