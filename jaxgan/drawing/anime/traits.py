"""What one face looks like: its labeled colors and the choices that parts share."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from jaxgan.drawing.anime import palette

STYLES = (
  "short",
  "bob",
  "medium",
  "long",
  "hime",
  "wavy",
  "curly",
  "twintails",
  "ponytail",
  "spiky",
  "buns",
  "braids",
)
FRINGES = ("zigzag", "blunt", "parted", "swept", "middle", "wispy", "curtain")


@dataclasses.dataclass(frozen=True)
class Traits:
  """The choices that several parts of a face need."""

  hair: int  # Index into palette.HAIR.
  eyes: int  # Index into palette.EYES.
  style: str  # Of STYLES.
  fringe: str  # Of FRINGES.
  hair_color: palette.Color
  eye_color: palette.Color
  skin: palette.Color
  side: int  # -1 or 1: where an asymmetric thing goes.
  volume: float  # Of the hair, about 1.
  scale: float
  tilt: float  # Radians.
  shift: tuple[float, float]
  turn: tuple[float, float]

  @functools.cached_property
  def hair_shade(self) -> palette.Color:
    dim = palette.multiply(self.hair_color, (192, 186, 210))
    return palette.mix(dim, (60, 40, 90), 0.05)

  @functools.cached_property
  def hair_light(self) -> palette.Color:
    return palette.mix(self.hair_color, (255, 252, 246), 0.55)

  @functools.cached_property
  def hair_line(self) -> palette.Color:
    dim = palette.multiply(self.hair_color, (116, 100, 118))
    return palette.mix(dim, (40, 24, 48), 0.3)

  @functools.cached_property
  def ink(self) -> palette.Color:
    """Of lashes."""
    return palette.mix(self.hair_line, (36, 22, 34), 0.7)

  @functools.cached_property
  def skin_shade(self) -> palette.Color:
    return palette.multiply(self.skin, (240, 204, 206))

  @functools.cached_property
  def skin_line(self) -> palette.Color:
    dim = palette.multiply(self.skin, (170, 112, 104))
    return palette.mix(dim, (60, 30, 40), 0.2)


def generator(seed: int, index: int) -> np.random.Generator:
  """The source of everything about face `index` of the set that `seed` names."""
  return np.random.default_rng((seed, index))


def pick(rng: np.random.Generator, options):
  """One of a sequence's entries (rng.choice takes ten times as long)."""
  return options[int(rng.random() * len(options))]


def labels(rng: np.random.Generator) -> tuple[int, int]:
  """(hair, eyes) of the face that a fresh generator stands for."""
  hair, eyes = rng.random(2) * (len(palette.HAIR), len(palette.EYES))
  return int(hair), int(eyes)


def sample(rng: np.random.Generator) -> Traits:
  """Draws the traits of the face that a fresh generator stands for."""
  hair, eyes = labels(rng)
  style = pick(rng, STYLES)
  fringe = "blunt" if style == "hime" else pick(rng, FRINGES)
  normal = rng.normal(size=6)
  wide = style in ("twintails", "ponytail", "buns", "wavy", "curly", "spiky")
  return Traits(
    hair=hair,
    eyes=eyes,
    style=style,
    fringe=fringe,
    hair_color=palette.vary(rng, tuple(palette.HAIR.values())[hair]),
    eye_color=palette.vary(rng, tuple(palette.EYES.values())[eyes]),
    skin=pick(rng, palette.PALE if rng.random() < 0.82 else palette.TANNED),
    side=1 if rng.random() < 0.5 else -1,
    volume=0.98 + 0.12 * rng.random(),
    scale=float(np.clip((1.1 if wide else 1.2) + 0.08 * normal[0], 1.0, 1.45)),
    tilt=float(np.clip(0.12 * normal[1], -0.35, 0.35)),
    shift=(0.025 * float(normal[2]), 0.025 * float(normal[3]) - 0.005),
    turn=(
      float(np.clip(0.6 * normal[4], -1.2, 1.2)),
      float(np.clip(0.4 * normal[5], -0.9, 0.9)),
    ),
  )
