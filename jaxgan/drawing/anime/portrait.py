"""One face: the order in which its parts are painted."""

from __future__ import annotations

import numpy as np

from jaxgan.drawing.anime import (
  canvas,
  clothes,
  eyes,
  face,
  fringe,
  hair,
  ornaments,
  scene,
  traits,
)


def paint(rng: np.random.Generator, size: tuple[int, int], channels: int) -> np.ndarray:
  """Paints the face that a fresh generator stands for.

  Args:
    rng: the only source of chance; it is taken from in the same order for any size.
    size: (height, width) in pixels. The face fills the middle square.
    channels: 3, or 1 for luma.

  Returns:
    uint8 [height, width, channels].
  """
  look = traits.sample(rng)
  pen = canvas.Canvas(
    *size, scale=look.scale, tilt=look.tilt, shift=look.shift, turn=look.turn
  )
  front = fringe.cut(look, rng)
  scene.paint_background(pen, rng)
  hair.paint_back(pen, look, rng)
  clothes.paint(pen, look, rng)
  if look.style == "braids":
    hair.paint_braids(pen, look)
  face.paint(pen, look, rng)
  fringe.paint_shadow(pen, look, front)
  eyes.paint(pen, look, rng)
  ornaments.paint_glasses(pen, rng)
  ornaments.paint_ears(pen, look, rng)
  fringe.paint(pen, look, front, rng)
  eyes.paint_brows(pen, look, rng)
  ornaments.paint(pen, look, rng)
  return pen.finish(channels)
