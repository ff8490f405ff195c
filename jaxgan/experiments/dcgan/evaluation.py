"""How good a generator is, in training and afterward."""

from collections.abc import Callable, Iterator, Mapping
import functools

from absl import logging
import ml_collections
import numpy as np

from jaxgan.data import packed
from jaxgan.engine import core, workdir
from jaxgan.errors import UserError
from jaxgan.experiments.dcgan import data, inference
from jaxgan.experiments.dcgan.networks import Networks, image_size
from jaxgan.experiments.shared.arguments import check_memory, check_num, check_seed
from jaxgan.features import extractors
from jaxgan.metrics import estimates, generative, wavelets


def in_training(
  config: ml_collections.ConfigDict,
  nets: Networks,
  real: packed.Packed,
  frequencies: Mapping[str, list[float]],
) -> Callable[[core.State], Iterator[tuple[str, float]]]:
  """An evaluation of the averaged generator against `config.evaluate.num` images.

  Args:
    config: of the run.
    nets: the networks.
    real: images to compare with.
    frequencies: see `data.frequencies_of`.

  Raises:
    UserError: training will be evaluated, and there are too few images for that.
  """
  num, seed = config.evaluate.num, config.seed
  if config.every.evaluate and len(real) < generative.MIN_IMAGES:
    raise UserError(
      f"{len(real)} images are too few to evaluate with: give "
      f"{generative.MIN_IMAGES} or more, or set config.every.evaluate to 0."
    )

  @functools.cache
  def reference():
    return generative.create_reference(
      np.asarray(real.images[:num]), extractor=extractors.vgg16_features()
    )

  def evaluate(state):
    sampler = inference.Sampler(nets, state.extra["ema"])
    labels = inference.draw_labels(frequencies, seed, num)
    return generative.compare(sampler(sampler.latents(seed, num), labels), reference())

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
  check_num(num, least=generative.MIN_IMAGES)
  check_num(training, least=0, name="training")
  check_seed(seed)
  check_memory(num, *image_size(run.config))
  trained_on, held_out = data.load(run.config)
  real = held_out.images if len(held_out) else trained_on.images
  if reference:
    real = data.load_reference(run.config, reference)
  extractor = (
    extractors.inception_features(inception)
    if inception
    else extractors.vgg16_features()
  )
  # A real image that was trained on would be its own nearest neighbor.
  copied = (
    np.asarray(trained_on.images[:training])
    if training and real is not trained_on.images
    else None
  )
  real = np.asarray(real[:num])
  known = generative.create_reference(real, extractor=extractor, training=copied)
  sampler = inference.open_sampler(run)
  labels = inference.draw_labels(inference.facts(run)["frequencies"], seed, num)
  images = sampler(sampler.latents(seed, num), labels)
  protocol = (
    f"{generative.protocol(num, known)}, seed {seed}; {wavelets.protocol(known.size)}"
  )
  logging.info("%s", protocol)
  yield "protocol", protocol
  yield from generative.compare(images, known)
  # Too slow for every evaluation in training: a thousand eigenvalue problems.
  yield from estimates.named("fwd", wavelets.distance(real, images))
