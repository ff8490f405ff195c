"""A trained generator as a function of a seed and of labels."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.experiments.dcgan.networks import Networks

Tree = Any
SAMPLES_AT_ONCE = 64


class Sampler:
  """A trained generator as a function of a seed.

  Image i of a seed is the same whichever other images are asked for: each has a key of
  its own, and batches are padded to one size.

  Args:
    nets: the networks; the generator is used as at inference.
    variables: its weights and statistics.
  """

  def __init__(self, nets: Networks, variables: Tree):
    self.nets, self._variables = nets, variables
    self._apply = jax.jit(
      lambda variables, z, labels: jnp.clip(
        jnp.round(
          (nets.generator.apply(variables, z, labels, train=False) + 1) * 127.5
        ),
        0,
        255,
      ).astype(jnp.uint8)
    )

  def latents(self, seed: int, n: int, first: int = 0) -> np.ndarray:
    """Latents [n, d] number first, first + 1, ... of a seed."""
    key = jax.random.key(seed)
    draw = jax.vmap(lambda i: self.nets.draw(jax.random.fold_in(key, i), 1)[0])
    return np.asarray(draw(jnp.arange(first, first + n)))

  def __call__(
    self, latents: np.ndarray, labels: Mapping[str, np.ndarray] | None = None
  ) -> np.ndarray:
    """Images uint8 [n, h, w, c] of latents [n, d] and labels int32 [n]."""
    inputs = (latents, dict(labels or {}))
    results = []
    for start in range(0, len(latents), SAMPLES_AT_ONCE):
      rows = jax.tree.map(
        lambda x, start=start: x[start : start + SAMPLES_AT_ONCE], inputs
      )
      n = len(rows[0])
      padded = jax.tree.map(
        lambda x, n=n: np.concatenate(
          [x, np.zeros((SAMPLES_AT_ONCE - n, *x.shape[1:]), x.dtype)]
        ),
        rows,
      )
      results.append(np.asarray(self._apply(self._variables, *padded))[:n])
    return np.concatenate(results)


def draw_labels(
  frequencies: Mapping[str, list[float]],
  n: int,
  seed: int,
  chosen: Mapping[str, int] | None = None,
) -> dict[str, np.ndarray]:
  """Labels int32 [n] of every attribute: the chosen value, or as in the data."""
  random = np.random.default_rng(seed)
  labels = {}
  for name, values in sorted(frequencies.items()):
    drawn = random.choice(len(values), n, p=values).astype(np.int32)
    labels[name] = (
      np.full(n, (chosen or {}).get(name, 0), np.int32)
      if (name in (chosen or {}))
      else drawn
    )
  return labels
