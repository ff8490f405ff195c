"""The two domains, and batches of windows of both."""

from collections.abc import Callable
from typing import NamedTuple

from absl import logging
import ml_collections
import numpy as np

from jaxgan.data import crops, mixed, sources
from jaxgan.drawing import domains as drawn_domains
from jaxgan.errors import UserError


class Domains(NamedTuple):
  """What is translated, what it becomes, and what of the former is held out."""

  a: mixed.Mixed
  b: mixed.Mixed
  held_out: mixed.Mixed

  @property
  def judged(self) -> mixed.Mixed:
    """Pictures of A for evaluation: those held out, unless there are none."""
    return self.held_out if len(self.held_out) else self.a


def load(config: ml_collections.ConfigDict) -> Domains:
  """Reads or draws both domains; a tenth of A at most is held out.

  Raises:
    UserError: a folder has no usable picture, or a number makes no sense.
  """
  data = config.data
  if not 0 < data.train_scale <= 1:
    raise UserError(
      f"config.data.train_scale = {data.train_scale} must be over 0, and 1 at most."
    )
  found = {}
  for name, kind in zip("ab", drawn_domains.KINDS, strict=True):
    options = dict(scale=data.train_scale, least=2 * data.size)
    if data[name]:
      found[name] = mixed.load(data[name], **options)
    else:
      logging.info(
        "no data given (config.data.%s): drawing %d pictures (%s)",
        name,
        data.num_drawn,
        kind,
      )
      found[name] = mixed.pack(sources.drawn_domain(kind, data.num_drawn), **options)
    if len(found[name]) < 10:
      logging.warning(
        "config.data.%s holds only %d picture(s): the discriminator will "
        "soon know them by heart",
        name,
        len(found[name]),
      )
  order = np.random.RandomState(0).permutation(len(found["a"]))
  count = min(data.holdout, len(order) // 10)
  domains = Domains(
    found["a"].select(np.sort(order[count:])),
    found["b"],
    found["a"].select(np.sort(order[:count])),
  )
  logging.info(
    "%d pictures of A and %d of B to train on, %d of A held out",
    *(len(x) for x in domains),
  )
  return domains


def batches(
  config: ml_collections.ConfigDict, domains: Domains
) -> Callable[[int, int], dict[str, np.ndarray]]:
  """f(first step, count) -> {"a", "b": uint8 [count, batch, 2S, 2S, 3]}."""
  data = config.data
  read = {
    name: crops.windows(
      pictures,
      batch_size=data.batch_size * config.n_critic,
      side=2 * data.size,
      seed=config.seed,
      stream=stream,
      least_std=data.flat,
      retries=data.retries,
    )
    for stream, (name, pictures) in enumerate(zip("ab", domains[:2], strict=True))
  }
  return lambda first, count: {name: f(first, count) for name, f in read.items()}


def windows(pictures: mixed.Mixed, count: int, side: int, seed: int = 0) -> np.ndarray:
  """Some windows uint8 [count, side, side, 3], flat ones too, to look at and judge.

  Raises:
    UserError: a picture is smaller than that.
  """
  if pictures.shapes.min() < side:
    raise UserError(
      f"windows of {side} pixels do not fit into pictures of "
      f"{pictures.shapes.min()}: ask for smaller ones."
    )
  return crops.windows(pictures, batch_size=count, side=side, seed=seed, stream=2)(
    0, 1
  )[0]
