"""The images that a DCGAN is trained on, and their statistics."""

import dataclasses

from absl import logging
import ml_collections
import numpy as np

from jaxgan.data import packed
from jaxgan.errors import UserError
from jaxgan.experiments.dcgan.networks import image_size
from jaxgan.metrics import image_quality


def load(config: ml_collections.ConfigDict) -> tuple[packed.Packed, packed.Packed]:
  """(training set, held-out set); the latter is never trained on.

  Raises:
    UserError: if there are no usable images or labels, or all are held out.
  """
  data = config.data
  images = packed.load(
    data.path,
    size=image_size(config),
    channels=data.channels,
    split=data.split,
    only=data.only,
    labels=data.labels,
    num_drawn=data.num_drawn,
  )
  if data.holdout >= len(images):
    raise UserError(
      f"config.data.holdout = {data.holdout} of {len(images)} images "
      "leaves none to train on: lower it."
    )
  if not config.conditional:
    images = dataclasses.replace(images, labels={}, classes={})
  elif not images.labels:
    raise UserError(
      "config.conditional needs labels: give config.data.labels a CSV "
      "file of file,attribute,... rows."
    )
  train, held_out = packed.split_off(images, data.holdout)
  logging.info(
    "%d images to train on, %d held out, %d unreadable",
    len(train),
    len(held_out),
    images.skipped,
  )
  return train, held_out


def load_reference(
  config: ml_collections.ConfigDict, path: str
) -> np.ndarray | packed.Rows:
  """Other real images uint8 [n, h, w, c], as the run's own are read.

  Raises:
    UserError: if there are none.
  """
  return packed.load(
    path,
    size=image_size(config),
    channels=config.data.channels,
    split=config.data.split,
    only=config.data.only,
  ).images


def frequencies_of(images: packed.Packed) -> dict[str, list[float]]:
  """How often each value of each attribute occurs among the labeled images."""
  result = {}
  for name, values in images.labels.items():
    counts = np.bincount(values[values >= 0], minlength=len(images.classes[name]))
    result[name] = (counts / max(counts.sum(), 1)).tolist()
  return result


def thumbnails(images: np.ndarray) -> np.ndarray:
  """Images as means of 8x8 cells, by which near-duplicates are found.

  Args:
    images: uint8 [n, h, w, c].

  Returns:
    float32 [n, 64 c] in [0, 1].
  """
  n, h, w, c = images.shape
  rows = np.add.reduceat(images, np.arange(8) * h // 8, axis=1, dtype=np.float32)
  cells = np.add.reduceat(rows, np.arange(8) * w // 8, axis=2)
  return (cells / (255 * h * w / 64)).reshape(n, 64 * c)


def quality_of(images: packed.Packed, num: int = 1_000) -> dict[str, list[float]]:
  """The 5th and 95th percentile of some measures of real images, to screen with.

  They are saturation (of color images), sharpness, and "nearest": the distance of an
  image's thumbnail to the nearest other one.

  Args:
    images: real images.
    num: how many to look at.
  """
  some = np.asarray(images.images[:num])
  measures = {"sharpness": image_quality.sharpness}
  if some.shape[-1] == 3:
    measures["saturation"] = image_quality.saturation
  values = {name: measure(some) for name, measure in measures.items()}
  small = thumbnails(some)
  squared = (small**2).sum(1)
  distances = squared[:, None] + squared - 2 * small @ small.T
  np.fill_diagonal(distances, np.inf)
  values["nearest"] = np.sqrt(np.maximum(distances.min(1), 0))
  return {name: np.percentile(x, (5, 95)).tolist() for name, x in values.items()}
