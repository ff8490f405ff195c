"""The background."""

from __future__ import annotations

import numpy as np

from jaxgan.drawing.anime import canvas, palette, shapes


def paint_background(pen: canvas.Canvas, rng: np.random.Generator) -> None:
  """Fills the image with a plain, graded or patterned ground."""
  kind, first = rng.random(), palette.backdrop(rng)
  second = palette.mix(palette.backdrop(rng), first, 0.3)
  far = 2.0 * pen.reach  # Beyond any corner.
  pen.fill([(-far, -far), (far, -far), (far, far), (-far, far)], first)
  if kind < 0.2:
    return
  if kind < 0.5:
    pen.tint(second, pen.ramp(1.0, down=rng.random() < 0.5))
  elif kind < 0.65:
    for x, y, size in rng.uniform(-0.5, 0.5, (7, 3)):
      radius = 0.1 + abs(size) * 0.4
      pen.glow((x * pen.reach, y * pen.reach), (radius, radius), second, 0.9)
  elif kind < 0.8:
    _paint_dots(pen, second, rng)
  elif kind < 0.9:
    x = np.arange(-0.7 * far, 0.5 * far, rng.uniform(0.1, 0.2))[:, None, None] * (1, 0)
    stripe = np.array([(0.0, -1.0), (0.0, -1.0), (0.4, 1.0), (0.4, 1.0)]) * far / 2
    pen.fill(x + stripe + np.array([(0, 0), (0.07, 0), (0.07, 0), (0, 0)]), second)
  else:
    angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)[:, None] + (0.0, 0.0, 0.22)
    rays = np.stack([np.sin(angle), np.cos(angle)], -1)
    pen.fill(rays * np.reshape((0, far, far), (3, 1)), second)


def _paint_dots(pen, color, rng) -> None:
  step, radius = rng.uniform(0.14, 0.2), rng.uniform(0.025, 0.045)
  along = np.arange(-0.7 * pen.reach, 0.7 * pen.reach, step)
  x, y = np.meshgrid(along, along)
  x[::2] += step / 2
  centers = np.stack([x, y], -1).reshape(-1, 1, 2)
  hidden = np.hypot(centers[..., 0], centers[..., 1] + 0.1) < 0.3  # By the head.
  dot = shapes.ellipse((0, 0), (radius, radius))[::2]
  pen.fill(dot + centers[~hidden[:, 0]], color)
