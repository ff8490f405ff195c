"""LPIPS (Zhang et al., 2018): how different two pictures look to VGG16."""
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.nets import vgg

_BATCH = 16


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
  """LPIPS [n] of pairs of images, 0 where they are equal.

  Args:
    a: uint8 [n, h, w, 3], sides of 16 at least.
    b: of the same shape.

  Raises:
    ValueError: other shapes.
    errors.UserError: the weights cannot be read.
  """
  if a.shape != b.shape:
    raise ValueError(f"images {a.shape} and {b.shape} make no pairs")
  params, weights = _weights()
  found = []
  for start in range(0, len(a), _BATCH):
    pair = [np.asarray(x[start:start + _BATCH]) for x in (a, b)]
    missing = _BATCH - len(pair[0])  # Filled up, so that one program serves all.
    pair = [np.pad(x, ((0, missing), (0, 0), (0, 0), (0, 0))) for x in pair]
    found.append(np.asarray(_distances(params, weights, *pair))[:_BATCH - missing])
  return np.concatenate(found)


@functools.cache
def _weights() -> tuple[Any, Any]:
  return jax.device_put((vgg.load_weights(), vgg.load_lpips_weights()))


@jax.jit
def _distances(params, weights, a, b):
  def normalized(x):
    found = vgg.activations(params, x.astype(jnp.float32) / 127.5 - 1, tuple(weights))
    # As published: added to the length, not under its root.
    return {name: x / (jnp.linalg.norm(x, axis=-1, keepdims=True) + 1e-10)
            for name, x in found.items()}

  a, b = normalized(a), normalized(b)
  gaps = [((a[name] - b[name]) ** 2 @ weight).mean((1, 2))
          for name, weight in weights.items()]
  return sum(gaps)
