"""Colors, as 8-bit (red, green, blue)."""

from __future__ import annotations

import colorsys

import numpy as np

Color = tuple[int, int, int]

HAIR: dict[str, Color] = dict(
  aqua=(92, 208, 204),
  black=(56, 52, 66),
  blonde=(248, 218, 126),
  blue=(70, 104, 208),
  brown=(134, 88, 58),
  gray=(146, 149, 158),
  green=(92, 176, 92),
  orange=(240, 140, 60),
  pink=(248, 156, 184),
  purple=(140, 92, 192),
  red=(198, 46, 50),
  white=(250, 250, 254),
)
EYES: dict[str, Color] = dict(
  aqua=(64, 210, 210),
  black=(52, 48, 58),
  blue=(48, 112, 232),
  brown=(142, 86, 50),
  gray=(142, 147, 157),
  green=(58, 178, 84),
  orange=(246, 140, 36),
  pink=(246, 116, 176),
  purple=(146, 84, 212),
  red=(220, 42, 52),
  yellow=(240, 208, 52),
)
PALE: tuple[Color, ...] = (
  (255, 238, 226),
  (255, 230, 214),
  (254, 224, 204),
  (252, 216, 194),
  (255, 234, 230),
)
TANNED: tuple[Color, ...] = ((240, 196, 164), (222, 172, 136), (190, 134, 102))
WHITE: Color = (255, 255, 255)


def mix(a: Color, b: Color, amount: float) -> Color:
  """The color `amount` of the way from `a` to `b`."""
  keep = 1.0 - amount
  return (
    int(a[0] * keep + b[0] * amount),
    int(a[1] * keep + b[1] * amount),
    int(a[2] * keep + b[2] * amount),
  )


def multiply(a: Color, b: Color) -> Color:
  """The color `a` under light of the color `b`."""
  return (a[0] * b[0] // 255, a[1] * b[1] // 255, a[2] * b[2] // 255)


def vary(rng: np.random.Generator, color: Color) -> Color:
  """A nearby color: another brightness, somewhat paler, each channel within 8."""
  varied = np.array(color) * rng.uniform(0.92, 1.06) + rng.uniform(-8, 8, 3)
  varied += 0.22 * rng.random() ** 2 * (255 - varied)
  return tuple(int(v) for v in varied.clip(20, 253))


def backdrop(rng: np.random.Generator) -> Color:
  """A color of a background, mostly pale."""
  return _any_hue(
    rng,
    (
      (0.65, (0.02, 0.3), (0.88, 1.0)),
      (0.88, (0.3, 0.65), (0.65, 0.95)),
      (1.0, (0.2, 0.6), (0.2, 0.45)),
    ),
  )


def cloth(rng: np.random.Generator) -> Color:
  """A color of clothes: white, dark or bright."""
  return _any_hue(
    rng,
    (
      (0.25, (0.0, 0.08), (0.9, 1.0)),
      (0.5, (0.1, 0.6), (0.18, 0.4)),
      (1.0, (0.35, 0.8), (0.55, 0.95)),
    ),
  )


def _any_hue(rng, kinds) -> Color:
  """kinds: (cumulative probability, saturation range, value range)."""
  chance = rng.random()
  saturation, value = next(kind[1:] for kind in kinds if chance < kind[0])
  hue = rng.random()
  rgb = colorsys.hsv_to_rgb(hue, rng.uniform(*saturation), rng.uniform(*value))
  return tuple(int(255 * v) for v in rgb)
