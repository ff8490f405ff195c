"""The hair behind the face, one silhouette for each style."""

from __future__ import annotations

import numpy as np

from jaxgan.drawing.anime import canvas, palette, shapes, traits

_TOP = [(0.05, -0.41), (0.2, -0.365), (0.305, -0.25), (0.347, -0.1)]
_SIDES = dict(  # Right half, downwards from the temple.
  short=[(0.345, 0.03), (0.335, 0.12), (0.29, 0.21)],
  bob=[(0.375, 0.06), (0.39, 0.17), (0.35, 0.27), (0.27, 0.3)],
  medium=[(0.36, 0.08), (0.365, 0.2), (0.375, 0.32), (0.42, 0.42)],
  long=[(0.365, 0.1), (0.385, 0.3), (0.4, 0.75), (0.4, 3.0)],
  hime=[(0.36, 0.1), (0.365, 0.3), (0.37, 0.75), (0.37, 3.0)],
  wavy=[
    (0.38, 0.04),
    (0.43, 0.12),
    (0.38, 0.2),
    (0.445, 0.28),
    (0.4, 0.36),
    (0.46, 0.45),
    (0.42, 0.6),
    (0.42, 3.0),
  ],
  curly=[(0.35, 0.02), (0.37, 0.12), (0.34, 0.24), (0.24, 0.3)],
  twintails=[(0.33, 0.03), (0.29, 0.12), (0.22, 0.2)],
  ponytail=[(0.33, 0.03), (0.29, 0.12), (0.22, 0.2)],
  spiky=[(0.33, 0.05), (0.32, 0.15), (0.26, 0.22)],
  buns=[(0.33, 0.03), (0.29, 0.12), (0.22, 0.2)],
  braids=[(0.335, 0.06), (0.31, 0.18), (0.25, 0.28)],
)
_FALLING = ("long", "hime", "wavy")  # Styles that end below the image.
_BEHIND_NECK = (*_FALLING, "medium", "bob", "curly")
_TAIL = [
  (0.24, -0.2),
  (0.34, -0.31),
  (0.46, -0.25),
  (0.54, 0.0),
  (0.56, 0.25),
  (0.53, 0.48),
  (0.45, 0.66),
  (0.46, 0.5),
  (0.4, 0.56),
  (0.41, 0.35),
  (0.37, 0.1),
  (0.32, -0.08),
]
_PONY = [
  (0.04, -0.36),
  (0.14, -0.46),
  (0.3, -0.47),
  (0.43, -0.32),
  (0.5, -0.05),
  (0.48, 0.2),
  (0.54, 0.44),
  (0.4, 0.3),
  (0.35, 0.05),
  (0.31, -0.2),
]


def paint_back(
  pen: canvas.Canvas, look: traits.Traits, rng: np.random.Generator
) -> None:
  """Paints everything of the hair that lies behind neck and face."""
  if look.style == "twintails":
    drop = (0, rng.uniform(-0.05, 0.05))
    _paint_tails(pen, look, shapes.both(np.add(_TAIL, drop)))
  elif look.style == "ponytail":
    _paint_tails(pen, look, np.multiply(_PONY, (look.side, 1))[None])
  elif look.style == "curly":
    _paint_curls(pen, look, rng)
  elif look.style == "buns":
    _paint_buns(pen, look, rng)
  color = palette.mix(look.hair_color, look.hair_shade, 0.7)
  pen.shape(_silhouette(look, rng), color, look.hair_line)
  # Deep shade around the neck sets the face off.
  deep = palette.mix(look.hair_shade, look.hair_line, 0.35)
  size = (0.27, 0.26) if look.style in _BEHIND_NECK else (0.2, 0.13)
  pen.fill(shapes.ellipse((0, 0.13), size), deep)
  if look.style in (*_FALLING, "medium"):
    _paint_falling_strands(pen, look, rng)


def _silhouette(look, rng) -> np.ndarray:
  half = np.array(_TOP + _SIDES[look.style]) * look.volume
  right, left = shapes.curve(half), shapes.curve(half * (-1, 1))
  if look.style in _FALLING:
    return np.concatenate([right, left[::-1]])
  ends = np.linspace(right[-1], left[-1], 8)
  ends[1:-1, 1] += 0.02
  tips = (ends[1:] + ends[:-1]) / 2 + rng.uniform(-0.015, 0.015, (7, 2)) + (0, 0.04)
  zigzag = np.stack([ends[:-1], tips], 1).reshape(-1, 2)
  return np.concatenate([right, zigzag, left[::-1]])


def _paint_tails(pen, look, tails) -> None:
  """Paints bunches of hair: outlines [m, n, 2] from the ribbon, round the tip."""
  for tail in tails:
    pen.shape(shapes.curve(tail, closed=True), look.hair_color, look.hair_line)
    half = len(tail) // 2
    outer, inner = tail[1:half], tail[: half - 1 : -1][: half - 1]
    for share, color in (
      (0.25, look.hair_shade),
      (0.75, look.hair_shade),
      (0.5, look.hair_light),
    ):
      strand = shapes.curve(outer * (1 - share) + inner * share)
      pen.stroke(strand, color, 0.022, 0.9)


def _paint_curls(pen, look, rng) -> None:
  """A cloud of curls, from the shoulders up to the ears."""
  color = palette.mix(look.hair_color, look.hair_shade, 0.7)
  for k in range(9):
    center = np.array((0.33 + 0.07 * rng.random(), 0.34 - 0.05 * k))
    curl = shapes.ellipse(center, (0.075, 0.07))
    pen.shape(shapes.both(curl), look.hair_color if k % 2 else color, look.hair_line)
    arc = center + np.array([(0.04, -0.03), (0.0, -0.045), (-0.04, -0.01), (0.0, 0.03)])
    pen.stroke(shapes.both(shapes.curve(arc)), look.hair_line, 0.008)


def _paint_buns(pen, look, rng) -> None:
  radius, center = rng.uniform(0.1, 0.13), np.array((0.25, -0.36))
  bun = shapes.ellipse(center, (radius, radius))
  pen.shape(shapes.both(bun), look.hair_color, look.hair_line)
  shade = shapes.ellipse(center * (1, 1 - radius), (radius * 0.8, radius * 0.5))
  pen.fill(shapes.both(shade), look.hair_shade, 0.7)
  swirl = [(0.6, -0.4), (-0.2, -0.65), (-0.6, 0.0), (0.0, 0.5), (0.35, 0.0)]
  swirl = shapes.curve(center + radius * np.array(swirl))
  pen.stroke(shapes.both(swirl), look.hair_line, 0.015)


def _paint_falling_strands(pen, look, rng) -> None:
  """Dark and light lines down both sides of loose hair."""
  side = np.repeat([-1.0, 1.0], 4)[:, None]
  y = np.linspace(0.0, 1.0, 7) * 0.62 + rng.uniform(0.0, 0.12, (8, 1))
  sway = np.sin(9.0 * y + rng.uniform(0, 6, (8, 1)))
  sway *= 0.03 if look.style == "wavy" else 0.006
  x = side * (0.27 + 0.1 * rng.random((8, 1)) + 0.06 * y) + sway
  widths = 0.014 * shapes.bulge(7)
  strands = shapes.ribbon(np.stack([x, y], -1), widths)
  pen.fill(strands[::2], look.hair_line, 0.6)
  pen.fill(strands[1::2], look.hair_color, 0.8)


def paint_braids(pen: canvas.Canvas, look: traits.Traits) -> None:
  """Paints two braids that hang before the shoulders."""
  lobe = [(0, 0.07), (0.06, -0.02), (0.03, -0.05), (-0.01, 0.0)]
  lobe = shapes.curve(lobe, closed=True)
  for k in range(5):
    middle = (0.28 + 0.012 * k, 0.2 + 0.075 * k)
    for half, color in ((-1, look.hair_shade), (1, look.hair_color)):
      pen.shape(shapes.both(lobe * (half, 1) + middle), color, look.hair_line)
