"""Training a finished ConSinGAN's last stage further, on the image to be changed.

The last stage goes on with new optimizers; stage 0 begins with the input image (an
object pasted in, or a rough edit) instead of noise or a distorted training image.
"""

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np

from jaxgan.engine import core, workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import base_run, resizing
from jaxgan.experiments.single_image import checks, concurrent, data, fixed_noise
from jaxgan.experiments.single_image.networks import create_consingan
from jaxgan.images import pixels, reader

Tree = core.Tree
# What a fine-tuning decides itself; all else is the finished run's.
OWN = ("init", "num_steps", "every", "keep", "best", "profile", "seed")


class Base(NamedTuple):
  """A finished run, and the image to be changed.

  Attributes:
    params: weights of both networks.
    noise: the reconstruction's, of every stage.
    amplitudes: factors on all noise [stages].
    reals: the training image at every stage, [1, h, w, c] in [-1, 1].
    input: the image to be changed, of stage 0's shape.
  """

  params: dict[str, Tree]
  noise: dict[str, np.ndarray]
  amplitudes: np.ndarray
  reals: list[np.ndarray]
  input: np.ndarray


def complete(config: ml_collections.ConfigDict) -> ml_collections.ConfigDict:
  """The config of a fine-tuning: the finished run's, but for what is its own.

  Raises:
    UserError: if that is no run of ConSinGAN, or there is no image to be changed.
  """
  folder = config.init.workdir
  if not folder:
    return config
  if not config.init.input:
    raise UserError(
      "config.init.workdir needs the image to be changed: --config.init.input=PATH."
    )
  found = base_run.load(config, checks.RENAMED).config
  if found.network != "consingan":
    raise UserError(
      f"config.init.workdir = {folder} is no run of ConSinGAN, which alone can be "
      "fine-tuned."
    )
  result = ml_collections.ConfigDict(found.to_dict())
  for name in OWN:
    result[name] = config[name]
  result.image = config.image  # Unused; the run keeps its image.
  return result.lock()


def load(config: ml_collections.ConfigDict) -> Base:
  """Reads the finished run and the image to be changed.

  Raises:
    UserError: if one cannot be read, or the run was stopped before its last stage.
  """
  run = workdir.load(config.init.workdir)
  items = run.items()
  params = {
    name: run.restore(f"params.{name}") if f"params.{name}" in items else {}
    for name in ("generator", "frozen", "discriminator")
  }
  reached = len(amplitudes := run.restore("extra.amplitudes"))
  if reached < config.num_stages:
    raise UserError(
      f"config.init.workdir = {config.init.workdir} has reached stage {reached} of "
      f"{config.num_stages}: let it finish first."
    )
  reals = data.stored_reals(run, reached)
  _, height, width, channels = reals[0].shape
  image = pixels.to_floats(reader.load(config.init.input, channels=channels))
  image = resizing.imresize(image, (height, width))
  net, _ = create_consingan(config, channels, reached)
  sizes = [real.shape[1:3] for real in reals]
  shapes = list(map(net.noise_shape, range(reached), sizes))
  noise = {str(i): x for i, x in enumerate(fixed_noise.restore(run, shapes))}
  return Base(params, noise, amplitudes, reals, image[None])


def create_trainer(config: ml_collections.ConfigDict, base: Base) -> concurrent.Trainer:
  """The trainer of the last stage, which begins with the image to be changed."""
  sizes = [real.shape[1:3] for real in base.reals]
  trainer = concurrent.create_trainer(config, sizes, base.input.shape[-1])
  return dataclasses.replace(trainer, distort=lambda key, image: image)


def init(trainer: concurrent.Trainer, base: Base, key: jax.Array) -> core.State:
  """The state that the finished run ended with, but for the optimizers."""
  params, *fixed = jax.tree.map(jnp.asarray, (base.params, base.noise, base.amplitudes))
  return trainer.create_state(
    key, concurrent.merged(params), params["discriminator"], *fixed
  )
