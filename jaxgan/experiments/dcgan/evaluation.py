"""How good a generator is, in training and afterward."""

from collections.abc import Callable, Iterator, Mapping
import functools
from typing import Any

from absl import logging
import ml_collections
import numpy as np

from jaxgan.data import packed
from jaxgan.engine import core, workdir
from jaxgan.errors import UserError
from jaxgan.experiments.dcgan import data as data_lib
from jaxgan.experiments.dcgan import inference, tasks
from jaxgan.features import extractors
from jaxgan.metrics import generative


def in_training(
  config: ml_collections.ConfigDict,
  nets: Any,
  real: packed.Packed,
  frequencies: Mapping[str, list[float]],
) -> Callable[[core.State], Iterator[tuple[str, float]]]:
  """An evaluation of the averaged generator against `config.evaluate.num` images."""

  @functools.cache
  def reference():
    return generative.create_reference(
      np.asarray(real.images[: config.evaluate.num]),
      extractor=extractors.vgg16_features(),
    )

  def evaluate(state):
    sampler = inference.Sampler(nets, state.extra["ema"])
    latents = sampler.latents(config.seed, config.evaluate.num)
    labels = inference.draw_labels(frequencies, len(latents), config.seed)
    return generative.compare(sampler(latents, labels), reference())

  return evaluate


def evaluate(
  run: workdir.Run,
  *,
  num: int = 2_000,
  seed: int = 0,
  inception: str = "",
  reference: str = "",
  training: int = 2_000,
) -> Iterator[tuple[str, float | str]]:
  """Compares generated images, neither screened nor chosen, with real ones.

  Args:
    num: generated images, and real ones as far as there are so many; 10,000 is the
      least for a Frechet distance to be quoted.
    seed: of the generated images.
    inception: weights for real FID; see jaxgan.features.inception.
    reference: real images to compare with instead of those held out in training.
    training: images of the training set among which copies are looked for, where
      others were held out; 0 skips it.
  """
  if num < 1 or training < 0:
    raise UserError(f"--num={num}, --training={training}: must be positive.")
  trained_on, held_out = data_lib.load(run.config)
  real = held_out if len(held_out) else trained_on
  if reference:
    with run.config.unlocked():
      run.config.data.update(path=reference, holdout=0, labels="")
    run.config.conditional = False
    real, _ = data_lib.load(run.config)
  extractor = (
    extractors.inception_features(inception)
    if inception
    else extractors.vgg16_features()
  )
  # A real image that was trained on would be its own nearest neighbor.
  copied = (
    np.asarray(trained_on.images[:training])
    if training and real is not trained_on
    else None
  )
  known = generative.create_reference(
    np.asarray(real.images[:num]), extractor=extractor, training=copied
  )
  sampler = tasks.open_sampler(run)
  facts = tasks.facts(run)
  images = sampler(
    sampler.latents(seed, num), inference.draw_labels(facts["frequencies"], num, seed)
  )
  protocol = generative.protocol(num, known)
  logging.info("%s", protocol)
  yield "protocol", protocol
  yield from generative.compare(images, known)
