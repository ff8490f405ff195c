"""A trained network on pictures of any size."""

from collections.abc import Callable
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.experiments.stylize import networks, passes
from jaxgan.nets import instance_norm, stylizer

# Pixels that are painted at once; more go tile by tile. The frames of a film are always
# painted at once, up to 1920x1088 pixels.
WHOLE = 2**20
FRAME = 1920 * 1088


def padded(image: np.ndarray) -> np.ndarray:
  """An image [h, w, ...] mirrored at its ends up to sides divisible by 4."""
  ends = [(0, -side % stylizer.MULTIPLE) for side in image.shape[:2]]
  if ends == [(0, 0)] * 2:
    return image  # A large one need not be copied.
  return np.pad(image, (*ends, *((0, 0),) * (image.ndim - 2)), mode="reflect")


class Painter:
  """Repaints photographs; one compiled program for each size.

  Args:
    trained: a network.
    scratch: folder for the files that pictures of more than `WHOLE` pixels need.
    whole: pixels that are painted at once.
  """

  def __init__(
    self, trained: networks.Trained, scratch: pathlib.Path, whole: int = WHOLE
  ):
    self.names, self.net = trained.names, trained.net
    self._params = jax.tree.map(jnp.asarray, trained.params)
    self._scratch, self._whole = scratch, whole
    self._apply = jax.jit(
      lambda params, images, style: self.net.apply(
        {"params": params}, images.astype(jnp.float32) / 255, style
      )
    )

  def batch(self, images: np.ndarray, style: np.ndarray) -> np.ndarray:
    """Images of one size at once, each with a style of its own.

    Args:
      images: uint8 [n, h, w, 3], of any size that memory has room for.
      style: weights float32 [n, styles].

    Returns:
      float32 [n, h, w, 3] in (0, 1).
    """
    full = np.stack([padded(image) for image in images])
    made = self._apply(self._params, full, style)
    return np.asarray(made)[:, : images.shape[1], : images.shape[2]]

  def __call__(
    self,
    image: np.ndarray,
    style: np.ndarray,
    place: Callable[[np.ndarray], np.ndarray] | None = None,
  ) -> np.ndarray:
    """One image, tile by tile if it is large.

    Args:
      image: uint8 [h, w, 3].
      style: weights float32 [styles]; or, with `place`, numbers [h, w] of pixels.
      place: pixels' numbers [h, w] to weights float32 [h, w, styles].

    Returns:
      uint8 [h, w, 3].
    """
    full = padded(image)
    numbers = padded(style) if place else style
    if full.shape[0] * full.shape[1] <= self._whole:
      weights = place(numbers) if place else numbers
      made = np.asarray(self._apply(self._params, full[None], weights[None]))[0]
      made = np.round(255 * made).astype(np.uint8)
    else:

      def style_of(tile):
        if not place:
          return style[None]
        top, bottom, left, right = (passes.CELL * side for side in tile.window)
        return place(numbers[top:bottom, left:right])[None]

      made = passes.stylize(self.net, self._params, full, style_of, self._scratch)
    return made[: image.shape[0], : image.shape[1]]


class FilmPainter:
  """Repaints the frames of a film; moments that change slowly make it flicker less.

  Args:
    trained: a network.
    style: weights float32 [styles].
    keep: share of the moments of the frames before, in [0, 1).
  """

  def __init__(self, trained: networks.Trained, style: np.ndarray, keep: float):
    self._params = jax.tree.map(jnp.asarray, trained.params)
    self._style, self._keep = style[None], keep
    names = [f"{layer.name}_norm" for layer in stylizer.plan(trained.net.width)]
    # Of no frame yet: the first keeps none of them.
    zeros = [jnp.zeros_like(self._params[name]["scale"][:1]) for name in names]
    self._moments = tuple(instance_norm.Moments(x, x) for x in zeros)
    self._first = True

    def paint(params, image, style, moments, keep):
      carry = stylizer.Carry(image.astype(jnp.float32) / 255)
      out, shown = trained.net.apply(
        {"params": params},
        carry,
        style,
        statistics=moments,
        keep=keep,
        method="advance",
        mutable=["moments"],
      )
      return out.x, tuple(shown["moments"][name]["used"] for name in names)

    self._paint = jax.jit(paint)

  def __call__(self, frame: np.ndarray) -> np.ndarray:
    """The next frame: uint8 [h, w, 3] to the same; all must have one size."""
    keep = jnp.float32(0 if self._first else self._keep)
    self._first = False
    made, self._moments = self._paint(
      self._params, padded(frame)[None], self._style, self._moments, keep
    )
    made = np.round(255 * np.asarray(made)[0]).astype(np.uint8)
    return made[: frame.shape[0], : frame.shape[1]]
