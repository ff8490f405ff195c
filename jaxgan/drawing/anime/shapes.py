"""Curves and outlines: float arrays [n, 2] of (x, y) in head units.

The origin lies between the eyes, x points right, y down, and 1 is the shorter side of
an image whose head has the scale 1.
"""

from __future__ import annotations

from collections.abc import Sequence
import functools

import numpy as np

Points = np.ndarray | Sequence[Sequence[float]]

_SIDES = np.array([[[1, 1]], [[-1, 1]]])
_STEPS = 4  # Points for each segment of a curve.


def mirror(points: Points) -> np.ndarray:
  """Completes the right half of a symmetric outline, listed from top to bottom."""
  half = np.asarray(points, float)
  return np.concatenate([half, half[::-1] * (-1, 1)])


def both(points: Points) -> np.ndarray:
  """The right one of a pair [n, 2] and its mirror image, [2, n, 2]."""
  return np.asarray(points, float) * _SIDES


def curve(points: Points, *, closed: bool = False) -> np.ndarray:
  """A Catmull-Rom curve through the points."""
  points = np.asarray(points, float)
  index, basis = _catmull_rom(len(points), closed)
  curved = np.matmul(basis, points[index]).reshape(-1, 2)
  return curved if closed else np.concatenate([curved, points[-1:]])


def bezier(start: np.ndarray, control: np.ndarray, end: np.ndarray) -> np.ndarray:
  """Samples quadratic Bezier curves given by rows of [m, 2]: [m, s, 2]."""
  return np.matmul(_bernstein(), np.stack([start, control, end], axis=-2))


def ellipse(center: Sequence[float], radii: Sequence[float]) -> np.ndarray:
  """An upright ellipse, [20, 2]."""
  return _circle() * radii + center


def ribbon(points: np.ndarray, widths: np.ndarray | float) -> np.ndarray:
  """The outline of strokes along [..., n, 2] that are `widths` [n] wide."""
  along = np.empty_like(points)
  along[..., 1:-1, :] = points[..., 2:, :] - points[..., :-2, :]
  along[..., 0, :] = points[..., 1, :] - points[..., 0, :]
  along[..., -1, :] = points[..., -1, :] - points[..., -2, :]
  length = np.sqrt(np.einsum("...i,...i->...", along, along)) + 1e-9
  side = along[..., ::-1] * (-0.5, 0.5) * (widths / length)[..., None]
  return np.concatenate([points + side, (points - side)[..., ::-1, :]], axis=-2)


@functools.cache
def bulge(count: int) -> np.ndarray:
  """Relative widths of a stroke that thins out at both ends, [count]."""
  return 0.25 + 0.75 * np.sin(np.linspace(0.0, np.pi, count))


@functools.cache
def point(count: int) -> np.ndarray:
  """Relative widths of a stroke that thins out at its end, [count]."""
  return np.linspace(1.0, 0.1, count)


@functools.cache
def _catmull_rom(count: int, closed: bool) -> tuple[np.ndarray, np.ndarray]:
  t = np.arange(_STEPS)[:, None] / _STEPS
  powers = np.concatenate([t**0, t, t**2, t**3], axis=1)
  matrix = np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]])
  basis = powers @ (0.5 * matrix)
  index = np.arange(count if closed else count - 1)[:, None] + np.arange(-1, 3)
  return index % count if closed else index.clip(0, count - 1), basis


@functools.cache
def _bernstein() -> np.ndarray:
  t = np.linspace(0.0, 1.0, _STEPS + 1)[:, None]
  return np.concatenate([(1 - t) ** 2, 2 * t * (1 - t), t**2], axis=1)


@functools.cache
def _circle() -> np.ndarray:
  angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
  return np.stack([np.cos(angle), np.sin(angle)], axis=1)
