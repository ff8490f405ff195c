"""Unpaired images of two domains: A is translated, B is what it shall look like.

Images have any sizes; training uses random windows of both domains.
"""

from collections.abc import Callable, Mapping
import math
from typing import NamedTuple

from absl import logging
import jax
import ml_collections
import numpy as np

from jaxgan.data import augment, crops, mixed, sources
from jaxgan.drawing import domains as drawn
from jaxgan.errors import UserError
from jaxgan.images import pixels

RANGES = {"data.num_drawn": (1, math.inf), "data.holdout": (0, math.inf)}
FEW = 10  # Images of a domain, below which the log warns.


class Domains(NamedTuple):
  """The images of both domains.

  Attributes:
    a: images of A to train on.
    b: images of B, all to train on.
    held_out: images of A that are never trained on.
  """

  a: mixed.Mixed
  b: mixed.Mixed
  held_out: mixed.Mixed

  @property
  def evaluated(self) -> mixed.Mixed:
    """Images of A for evaluation: those held out, unless there are none."""
    return self.held_out if len(self.held_out) else self.a


def check(config: ml_collections.ConfigDict) -> None:
  """Raises UserError for a scale that `load` does not take."""
  scale = config.data.train_scale
  if not 0 < scale <= 1:
    raise UserError(
      f"config.data.train_scale = {scale} must be above 0, and 1 at most."
    )


def load(
  paths: Mapping[str, str],
  *,
  num_drawn: int,
  scale: float,
  least: int,
  holdout: int,
  squeezed: int = 0,
) -> Domains:
  """Reads or draws both domains.

  Args:
    paths: {"a": ..., "b": ...}; see `mixed.load`; "" draws a domain.
    num_drawn: images of a domain that is drawn.
    scale: factor on all sizes, in (0, 1].
    least: pixels of the shortest side; smaller images are enlarged to it.
    holdout: images of A to hold out, but no more than a tenth of them.
    squeezed: if not 0, all images become squares of that many pixels a side.

  Raises:
    UserError: a path holds no usable image.
  """
  found, sizes = {}, dict(scale=scale, least=least, side=squeezed)
  for name, kind in zip("ab", drawn.KINDS, strict=True):
    if paths[name]:
      found[name] = mixed.load(paths[name], **sizes)
    else:
      logging.info(
        "no data given (config.data.%s): drawing %d images (%s)", name, num_drawn, kind
      )
      source = sources.drawn_domain(kind, num_drawn)
      found[name] = mixed.pack(source, **sizes)
    if len(found[name]) < FEW:
      logging.warning(
        "config.data.%s holds only %d image(s): the discriminator will soon memorize "
        "them",
        name,
        len(found[name]),
      )
  order = np.random.RandomState(0).permutation(len(found["a"]))
  count = min(holdout, len(order) // 10)
  domains = Domains(
    found["a"].select(np.sort(order[count:])),
    found["b"],
    found["a"].select(np.sort(order[:count])),
  )
  logging.info(
    "%d images of A and %d of B to train on, %d of A held out",
    *(len(images) for images in domains),
  )
  return domains


def batches(
  domains: Domains,
  *,
  batch_size: int,
  side: int,
  seed: int,
  least_std: float,
  retries: int,
) -> Callable[[int, int], dict[str, np.ndarray]]:
  """Random windows to train on; arguments as of `crops.windows`.

  Returns:
    f(first step, count) -> {"a", "b": uint8 [count, batch, side, side, 3]}.
  """
  read = {
    name: crops.windows(
      images,
      batch_size=batch_size,
      side=side,
      seed=seed,
      stream=stream,
      least_std=least_std,
      retries=retries,
    )
    for stream, (name, images) in enumerate({"a": domains.a, "b": domains.b}.items())
  }
  return lambda first, count: {name: f(first, count) for name, f in read.items()}


def images(
  batch: Mapping[str, jax.Array], key: jax.Array, flip: bool
) -> tuple[jax.Array, jax.Array]:
  """A step's windows of A and of B in [-1, 1], each mirrored at random if `flip`."""
  a, b = batch["a"], batch["b"]
  if flip:
    a, b = (augment.flip(jax.random.fold_in(key, i), x) for i, x in enumerate((a, b)))
  return tuple(pixels.to_floats(x) for x in (a, b))


def windows(images: mixed.Mixed, count: int, side: int, seed: int = 0) -> np.ndarray:
  """Windows uint8 [count, side, side, 3] to show and to evaluate, flat ones included.

  Raises:
    UserError: an image is smaller than a window.
  """
  check_fit(images, side)
  return crops.windows(images, batch_size=count, side=side, seed=seed, stream=2)(0, 1)[
    0
  ]


def check_fit(images: mixed.Mixed, side: int) -> None:
  """Raises UserError for windows that do not fit into every image."""
  if images.shapes.min() < side:
    raise UserError(
      f"windows of {side} pixels do not fit into images of {images.shapes.min()}: "
      "ask for smaller ones."
    )
