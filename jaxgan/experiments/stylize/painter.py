"""A trained network on pictures of any size."""
from collections.abc import Mapping
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.experiments.stylize import network
from jaxgan.nets import stylizer

Tree = Any


def padded(image: np.ndarray) -> np.ndarray:
  """An image [h, w, c] mirrored at its end up to sides divisible by 4."""
  ends = [(0, -side % stylizer.MULTIPLE) for side in image.shape[:2]]
  mode = "reflect" if min(image.shape[:2]) > 1 else "edge"
  return np.pad(image, (*ends, (0, 0)), mode=mode)


class Painter:
  """Repaints photographs; one compiled program for each size.

  Args:
    trained: a network.
  """

  def __init__(self, trained: network.Trained):
    self.names = trained.names
    self.net = trained.net
    self.params = jax.tree.map(jnp.asarray, trained.params)
    self._whole = jax.jit(lambda params, images, style: self.net.apply(
        {"params": params}, images, style))

  def __call__(self, images: np.ndarray, style: np.ndarray) -> np.ndarray:
    """Whole images at once.

    Args:
      images: uint8 [n, h, w, 3], of any size.
      style: weights [n, styles], or maps [n, h, w, styles].

    Returns:
      float32 [n, h, w, 3] in (0, 1).
    """
    h, w = images.shape[1:3]
    full = np.stack([padded(image) for image in images]).astype(np.float32) / 255
    if style.ndim == 4:
      style = np.stack([padded(one) for one in style])
    made = self._whole(self.params, jnp.asarray(full), jnp.asarray(style, jnp.float32))
    return np.asarray(made)[:, :h, :w]
