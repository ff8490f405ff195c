"""How near a network comes to photographs' content and to its styles."""

from collections.abc import Callable, Iterator, Mapping
import pathlib
from typing import Any

from absl import logging
import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.engine import core, workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import styles as styles_of
from jaxgan.experiments.shared.arguments import check_num
from jaxgan.experiments.stylize import data, inference, networks
from jaxgan.experiments.stylize.objective import (
  Objective,
  create_constants,
  create_objective,
)
from jaxgan.metrics import style

Tree = Any


class Evaluation:
  """Mean weighted content and style losses of photographs in some styles.

  Args:
    objective: whose losses they are.
    constants: see `create_constants`.
    images: photographs, uint8 [n, h, w, 3].
    labels: {name: label} of the styles.
    batch_size: photographs at once.
  """

  def __init__(
    self,
    objective: Objective,
    constants: Mapping[str, Tree],
    images: np.ndarray,
    labels: Mapping[str, int],
    batch_size: int,
  ):
    self._constants, self._images = constants, images
    self._labels, self._batch_size = labels, batch_size

    def sums(params, images, label, constants):
      images = images.astype(jnp.float32) / 255
      labels = jnp.full(len(images), label, jnp.int32)
      losses = objective.losses(params, images, labels, constants)
      return {term: jnp.sum(x) for term, x in losses.items()}

    self._sums = jax.jit(sums)  # Kept, so that later evaluations compile nothing.

  def __call__(self, params: dict[str, Tree]) -> Iterator[tuple[str, float]]:
    """Yields (name, value) of each style and of all; `params` as in the state."""
    means = {"content": 0.0, "style": 0.0}
    constants = jax.device_put(self._constants)
    for name, label in self._labels.items():
      own = self._means(params, label, constants)
      for kind, value in own.items():
        yield f"{kind}_of_{name}", value
        means[kind] += value / len(self._labels)
    yield from means.items()
    yield "total", sum(means.values())

  def _means(self, params, label, constants) -> dict[str, float]:
    """Mean losses of one style."""
    means = {"content": 0.0, "style": 0.0}
    for first in range(0, len(self._images), self._batch_size):
      batch = self._images[first : first + self._batch_size]
      for term, value in self._sums(params, batch, label, constants).items():
        if (kind := term.partition("_")[0]) in means:
          means[kind] += float(value) / len(self._images)
    return means


def in_training(
  objective: Objective,
  constants: Mapping[str, Tree],
  images: np.ndarray,
  batch_size: int,
) -> Callable[[core.State], Iterator[tuple[str, float]]]:
  """An evaluation of the trained styles on some photographs.

  A stage's are training photographs: none is held out.
  """
  evaluation = Evaluation(objective, constants, images, objective.trained, batch_size)
  return lambda state: evaluation(state.params)


def evaluate(
  run: workdir.Run,
  *,
  num: int = 32,
  content: str = "",
  styles: str = "",
  batch_size: int = 4,
) -> Iterator[tuple[str, float | str]]:
  """Content and style of each style and of all: the losses, and others' measures.

  Args:
    num: photographs, evenly spaced among them.
    content: folder of photographs; "" takes those of the training, none of which was
      held out.
    styles: folder of the paintings, if it is not where it was in the training; or of
      any, if the network was trained to read them.
    batch_size: photographs at once.
  """
  check_num(num)
  check_num(batch_size, name="batch_size")
  config, trained = run.config, networks.restore(run)
  # A network that reads paintings knows the first of its training by name.
  most = 0 if styles else len(trained.names)
  photos = data.load(
    content or config.data.content,
    config.data.size,
    # Runs of before had no such field.
    0 if content else config.data.get("crops", 0),
  )
  paintings = styles_of.load(
    styles or config.data.styles, size=config.data.style_size, most=most
  )
  unknown = {name: x for name, x in paintings.items() if name not in trained.names}
  if trained.reader:
    trained = trained.read(unknown)
  elif unknown:
    raise UserError(f"--styles: the run was not trained on {', '.join(unknown)}.")
  objective = create_objective(config, trained.names)
  constants = create_constants(config, objective, paintings)
  labels = {name: trained.names.index(name) for name in paintings}
  images = data.spread(photos, num)
  protocol = (
    f"{len(images)} photographs of {config.data.size}x{config.data.size} in each of"
    f" {len(labels)} styles, intervals over photographs; {style.PROTOCOL}"
  )
  logging.info("%s", protocol)
  yield "protocol", protocol
  evaluation = Evaluation(objective, constants, images, labels, batch_size)
  yield from evaluation({networks.NETWORK: trained.params})
  yield from compare(trained, images, paintings, batch_size)


def compare(
  trained: networks.Trained,
  photos: np.ndarray,
  paintings: Mapping[str, np.ndarray],
  batch_size: int,
) -> Iterator[tuple[str, float]]:
  """Yields content and style that are no loss of the training (`style.summary`).

  Args:
    trained: the network.
    photos: uint8 [n, h, w, 3].
    paintings: {name of a style: uint8 [h', w', 3]}.
    batch_size: photographs at once.
  """
  painter = inference.Painter(trained, pathlib.Path())  # It needs no scratch files.
  found = []
  for name, painting in paintings.items():
    row = np.eye(len(trained.names), dtype=np.float32)[trained.names.index(name)]
    pictures = np.concatenate(
      [
        painter.batch(batch, np.tile(row, (len(batch), 1)))
        for first in range(0, len(photos), batch_size)
        for batch in [photos[first : first + batch_size]]
      ]
    )
    found.append(style.measures(photos, pictures, [painting]))
    for measure, value in style.summary(found[-1]):
      stem, interval = measure.removesuffix("_interval"), measure.endswith("_interval")
      yield f"{stem}_of_{name}{'_interval' * interval}", value
  # Styles are fixed and photographs drawn: those of one photograph are averaged first.
  yield from style.summary(
    {name: np.mean([each[name] for each in found], axis=0) for name in found[0]}
  )
