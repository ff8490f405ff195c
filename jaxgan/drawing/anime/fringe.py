"""The hair in front of the face: crown, fringe and side locks."""

from __future__ import annotations

import dataclasses

import numpy as np

from jaxgan.drawing.anime import canvas, shapes, traits

_SKULL = np.array(
  [(0.318, 0.03), (0.34, -0.1), (0.302, -0.255), (0.195, -0.375), (0.06, -0.42)]
)  # Right half, from temple to crown.
_SIDE_LENGTHS = dict(
  short=(0.04, 0.16),
  bob=(0.16, 0.26),
  medium=(0.1, 0.36),
  long=(0.1, 0.6),
  hime=(0.17, 0.22),
  wavy=(0.1, 0.4),
  curly=(0.1, 0.24),
  twintails=(0.08, 0.34),
  ponytail=(0.08, 0.36),
  spiky=(0.04, 0.16),
  buns=(0.06, 0.34),
  braids=(0.04, 0.24),
)


@dataclasses.dataclass(frozen=True)
class Cut:
  """Front hair as a row of m locks from the right to the left of the image.

  Lock k hangs between roots[k] and roots[k + 1] and ends in tips[k]; the first and
  the last are the side locks.
  """

  outline: np.ndarray  # [n, 2], closed.
  roots: np.ndarray  # [m + 1, 2]
  tips: np.ndarray  # [m, 2]
  sides: np.ndarray  # [2, m, s, 2]: the curves root -> tip and tip -> next root.


def cut(look: traits.Traits, rng: np.random.Generator) -> Cut:
  """Chooses the locks of a face's front hair."""
  roots, tips = _fringe(look, rng)
  right, left = _side_tips(look, rng)
  temple = _SKULL[0] * look.volume
  roots = np.concatenate([[temple], roots, [temple * (-1, 1)]])
  tips = np.concatenate([[right], tips, [left]])
  # Locks fall straight down at first: the fuller, the later they taper.
  full = 0.75 if look.fringe == "blunt" else rng.uniform(0.45, 0.75)
  bend = (0.5, 0.35) if look.fringe == "parted" else (0.12, full)
  down = roots[:-1] + (tips - roots[:-1]) * bend
  up = roots[1:] + (tips - roots[1:]) * bend * (1, 0.8)
  sides = np.stack(
    [shapes.bezier(roots[:-1], down, tips), shapes.bezier(tips, up, roots[1:])]
  )
  zigzag = sides.swapaxes(0, 1).reshape(-1, 2)
  return Cut(np.concatenate([zigzag, _crown(look, rng)]), roots, tips, sides)


def _crown(look, rng) -> np.ndarray:
  """The silhouette from the left temple over the top to the right one."""
  skull = shapes.curve(shapes.mirror(_SKULL * look.volume))[::-1]
  base = skull[::4]  # Ten points: nine spikes or curls.
  middle = (base[1:] + base[:-1]) / 2
  grown = 0.14 * rng.random((len(middle), 1))
  if look.style == "curly":
    return shapes.bezier(base[:-1], middle * (1.2 + grown), base[1:]).reshape(-1, 2)
  if look.style == "spiky":
    tips = middle * (1.16 + grown)
    tips += (look.side * 0.03, 0.01) + 0.1 * np.abs(middle[:, :1]) * (0, 1)
    sides = [
      shapes.bezier(base[:-1], middle * 1.12, tips),
      shapes.bezier(tips, middle * 1.03, base[1:]),
    ]
    return np.stack(sides, 1).reshape(-1, 2)
  return skull


def _fringe(look, rng) -> tuple[np.ndarray, np.ndarray]:
  """Roots [m + 1, 2] and tips [m, 2] from right to left, side locks left out."""
  count = {"blunt": 7, "wispy": 7, "zigzag": 5, "swept": 5}.get(look.fringe, 6)
  noise = rng.uniform(-1, 1, (2, count))
  x = np.linspace(0.225, -0.225, count + 1)
  x[1:-1] += 0.015 * noise[0, 1:]
  if look.fringe in ("parted", "curtain"):
    x += look.side * 0.05 * (1 - (x / 0.225) ** 2)
  middle = (x[1:] + x[:-1]) / 2
  roots_y, tips_x, tips_y = _FRINGES[look.fringe](x, middle, look.side, noise, rng)
  return np.stack([x, roots_y], 1), np.stack([tips_x, tips_y], 1)


def _zigzag(x, middle, side, noise, rng):
  return (
    -0.15 + 1.1 * x**2,
    middle + 0.02 * (side + noise[0]),
    -0.03 + 0.035 * noise[1],
  )


def _blunt(x, middle, side, noise, rng):
  length = rng.uniform(-0.085, -0.05)
  return (
    length - 0.035 + 0.5 * x**2,
    middle,
    length + 0.006 * noise[1] + 0.5 * middle**2,
  )


def _parted(x, middle, side, noise, rng):
  part = 0.05 * side
  outward, sign = np.abs(middle - part) / 0.25, np.sign(middle - part)
  return (
    -0.28 + 0.75 * np.abs(x - part),
    part + sign * (0.08 + 0.18 * outward) + 0.01 * noise[0],
    -0.16 + 0.2 * outward + 0.015 * noise[1],
  )


def _curtain(x, middle, side, noise, rng):
  outward = middle - side * 0.05
  return (
    -0.27 + 0.9 * np.abs(x),
    middle + 0.65 * outward,
    -0.12 + 0.75 * np.abs(outward) + 0.01 * noise[1],
  )


def _swept(x, middle, side, noise, rng):
  return (
    -0.17 - 0.25 * side * x + 0.9 * x**2,
    middle + side * (0.07 + 0.02 * noise[0]),
    -0.045 + 0.2 * side * middle + 0.02 * noise[1],
  )


def _middle(x, middle, side, noise, rng):
  long = np.exp(-(((middle + side * 0.03) / 0.035) ** 2))
  return (
    -0.15 + 1.1 * x**2,
    middle * 1.08 + 0.015 * noise[0],
    -0.06 + 0.11 * long + 0.02 * noise[1] + 0.6 * middle**2,
  )


def _wispy(x, middle, side, noise, rng):
  return -0.17 + 1.1 * x**2, middle + 0.035 * noise[0], -0.05 + 0.055 * noise[1]


_FRINGES = dict(
  zigzag=_zigzag,
  blunt=_blunt,
  parted=_parted,
  curtain=_curtain,
  swept=_swept,
  middle=_middle,
  wispy=_wispy,
)


def _side_tips(look, rng) -> tuple[tuple[float, float], tuple[float, float]]:
  low, high = _SIDE_LENGTHS[look.style]
  length = rng.uniform(low, high)
  x = 0.245 + 0.04 * rng.random() + 0.12 * max(0.0, length - 0.25)
  return (x, length + 0.03 * rng.random()), (-x, length + 0.03 * rng.random())


def paint(
  pen: canvas.Canvas, look: traits.Traits, hair: Cut, rng: np.random.Generator
) -> None:
  """Paints the front hair over the finished face."""
  pen.fill(hair.outline, look.hair_color)
  if rng.random() < 0.4:
    fade = pen.ramp(rng.uniform(0.25, 0.55), down=rng.random() < 0.5)
    pen.tint(look.hair_shade, pen.mask(hair.outline), fade)
  _paint_edge(pen, look)
  _paint_facets(pen, look, hair, rng)
  _paint_shine(pen, look, hair, rng)
  _paint_strands(pen, look, hair, rng)
  pen.line(np.concatenate([hair.outline, hair.outline[:1]]), look.hair_line, 0.006)


def paint_shadow(pen: canvas.Canvas, look: traits.Traits, hair: Cut) -> None:
  """Paints what the fringe casts on the forehead, before eyes and hair."""
  zigzag = hair.sides[:, 1:-1].swapaxes(0, 1).reshape(-1, 2)
  zigzag = zigzag * (0.98, 1) + (0.004, 0.028)
  top = [(-0.17, -0.25), (0.17, -0.25)]
  pen.fill(np.concatenate([zigzag, top]), look.skin_shade)


def _paint_edge(pen, look) -> None:
  """Shades the side that is away from the light."""
  rim = shapes.curve(_SKULL * look.volume) * (-look.side, 1)
  fade = shapes.bulge(len(rim))[:, None] - 0.25
  inner = rim * (1 - fade * (0.24, 0.14))
  pen.fill(np.concatenate([rim, inner[::-1]]), look.hair_shade, 0.7)
  strands = np.stack([rim * (0.9, 0.95), rim * (-0.88, 0.94)])
  widths = 0.008 * shapes.bulge(strands.shape[1])
  pen.fill(shapes.ribbon(strands, widths), look.hair_line, 0.6)


def _paint_facets(pen, look, hair, rng) -> None:
  """Shades one side of every lock, as cel animation does."""
  share = rng.uniform(0.3, 0.6)
  inner = hair.roots[:-1] + share * (hair.roots[1:] - hair.roots[:-1])
  inner[:, 1] -= 0.05
  first, second = hair.sides
  side = first if look.side > 0 else second[:, ::-1]
  root = hair.roots[:-1] if look.side > 0 else hair.roots[1:]
  back = shapes.bezier(hair.tips, (hair.tips + 2 * inner) / 3, root - (0, 0.06))
  # Each side lock lies in its own light: only those of the fringe are shaded.
  facets = np.concatenate([side, back], axis=1)[1:-1]
  pen.fill(facets, look.hair_shade, 0.8)


def _paint_shine(pen, look, hair, rng) -> None:
  """Light on the crown: a zigzag band, or a spindle on each lock."""
  kind, strength = rng.random(), rng.uniform(0.55, 0.95)
  if kind < 0.5:
    pen.fill(_halo(look, rng), look.hair_light, strength)
  elif kind < 0.9:
    middle = (hair.roots[1:-2] + hair.roots[2:-1]) / 2
    crown = middle * (0.55, 0) + (look.side * 0.02, -0.42)
    near, far = rng.uniform(0.3, 0.45), rng.uniform(0.6, 0.85, (len(middle), 1))
    start, end = middle + (crown - middle) * near, middle + (crown - middle) * far
    bow = (start + end) / 2 + (middle - crown) * (0.12, 0.0)
    widths = rng.uniform(0.025, 0.05) * (shapes.bulge(5) - 0.2)
    pen.fill(
      shapes.ribbon(shapes.bezier(start, bow, end), widths), look.hair_light, strength
    )


def _halo(look, rng) -> np.ndarray:
  span, radius = rng.uniform(0.7, 1.0), rng.uniform(0.7, 0.8) * look.volume
  angle = np.linspace(-span, span, 19) + look.side * 0.15
  thick = rng.uniform(0.02, 0.045) * (1.0 - 0.7 * (angle / 1.2) ** 2).clip(0.1)
  teeth = thick * np.where(np.arange(19) % 2, rng.uniform(0.3, 1.0), 0.1)
  ring = np.stack([np.sin(angle) * 0.33, -np.cos(angle) * 0.4 - 0.015], 1)
  outer = ring * (radius + thick + 0.4 * teeth)[:, None]
  inner = ring * (radius - thick - 2.5 * teeth)[:, None]
  return np.concatenate([outer, inner[::-1]])


def _paint_strands(pen, look, hair, rng) -> None:
  """Lines from between the locks up towards the crown."""
  roots = hair.roots[1:-1]
  crown = np.array([look.side * 0.04, -0.41])
  ends = roots + (crown - roots) * rng.uniform(0.25, 0.8, (len(roots), 1))
  bows = (roots + ends) / 2 + (roots - crown) * (0.15, -0.05)
  widths = rng.uniform(0.009, 0.016) * shapes.point(5)
  strands = shapes.ribbon(shapes.bezier(roots, bows, ends), widths)
  pen.fill(strands[rng.random(len(roots)) < 0.75], look.hair_line, 0.75)
