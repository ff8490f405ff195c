"""The reconstruction's noise, most of which a model file need not hold.

A ConSinGAN's is five times as large as its weights, but except for stage 0's it follows
from the seed; a SinGAN's is 0.
"""

from collections.abc import Sequence
from typing import Any

import jax
import ml_collections
import numpy as np

from jaxgan.engine import workdir

Tree = Any
ITEM = "extra.noise"


def later(
  config: ml_collections.ConfigDict, stage: int, shape: tuple[int, ...]
) -> np.ndarray:
  """Noise [1, *shape] of a stage after the first, as training draws it."""
  if config.network == "singan":
    return np.zeros((1, *shape), np.float32)
  # The keys of `engine.train` and `concurrent.Trainer.init`.
  key = jax.random.split(jax.random.fold_in(jax.random.key(config.seed), stage), 3)[1]
  return np.asarray(jax.random.normal(key, (1, *shape)))


def restore(run: workdir.Run, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
  """The noise of every stage, float32 [1, *shape]."""
  known = run.restore(ITEM)
  return [
    np.asarray(known[str(i)]) if str(i) in known else later(run.config, i, shape)
    for i, shape in enumerate(shapes)
  ]


def exported(run: workdir.Run) -> Tree:
  """The noise that `later` does not draw, as that of fine-tuned and converted runs."""

  def is_drawn(stage: int, noise: np.ndarray) -> bool:
    return stage > 0 and np.allclose(
      noise, later(run.config, stage, noise.shape[1:]), atol=1e-4
    )

  known = run.restore(ITEM)
  return {name: x for name, x in known.items() if not is_drawn(int(name), x)}
