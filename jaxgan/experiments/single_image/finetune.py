"""Training a finished ConSinGAN's last stage further, on the picture to be changed.

The last stage goes on with new optimizers; stage 0 begins with the naive picture (an
object pasted in, or a rough edit) instead of noise or an augmented image.
"""

import pathlib
from typing import NamedTuple

import jax
import ml_collections
import numpy as np

from jaxgan import engine
from jaxgan.engine import core
from jaxgan.errors import UserError
from jaxgan.experiments.single_image import concurrent, pyramid
from jaxgan.images import reader

Tree = core.Tree
# What a fine-tuning decides itself; all else is the finished run's.
OWN = ("finetune", "num_steps", "every", "keep", "best", "profile", "seed")


class Base(NamedTuple):
  """A finished run, and the naive picture [1, h, w, c] in [-1, 1] at stage 0's size."""

  params: dict[str, Tree]
  extra: dict[str, Tree]
  naive: np.ndarray


def complete(config: ml_collections.ConfigDict) -> ml_collections.ConfigDict:
  """The config of a fine-tuning: the finished run's, but for what is its own.

  Raises:
    UserError: if that is no run of ConSinGAN, or there is no naive picture.
  """
  if not config.finetune.workdir:
    if config.finetune.naive:
      raise UserError(
        "config.finetune.naive needs a trained run: say which with "
        "--config.finetune.workdir=DIR."
      )
    return config
  if not config.finetune.naive:
    raise UserError(
      "config.finetune.workdir needs the picture to be changed: "
      "--config.finetune.naive=PATH."
    )
  run = engine.workdir.load(pathlib.Path(config.finetune.workdir))
  if run.config.get("network", "") != "consingan":
    raise UserError(
      f"config.finetune.workdir = {config.finetune.workdir} is no run of "
      "ConSinGAN, which alone can be fine-tuned."
    )
  result = ml_collections.ConfigDict(run.config.to_dict())
  for name in OWN:
    result[name] = config[name]
  result.image = config.image  # Unused; the run keeps its image.
  return result.lock()


def load(config: ml_collections.ConfigDict) -> Base:
  """Reads the finished run and the naive picture.

  Raises:
    UserError: if one cannot be read, or the run was stopped before its last stage.
  """
  run = engine.workdir.load(pathlib.Path(config.finetune.workdir))
  items = run.items()
  take = lambda group: {
    name.split(".")[1]: run.restore(name)
    for name in items
    if name.startswith(f"{group}.")
  }
  params, extra = take("params"), take("extra")
  extra.setdefault("prefix", {})
  reached = len(extra["amplitudes"])
  if reached < config.num_stages:
    raise UserError(
      f"config.finetune.workdir = {config.finetune.workdir} has reached "
      f"stage {reached} of {config.num_stages}: let it finish first."
    )
  real = extra["real"]["0"]
  pixels = reader.load(config.finetune.naive, channels=real.shape[-1])
  naive = pyramid.imresize(pixels / 127.5 - 1, real.shape[1:3])
  return Base(params, extra, naive[None])


def stage(trainer: concurrent.Trainer, base: Base, template: core.Stage) -> core.Stage:
  """The last stage again, from a finished run.

  Args:
    trainer: of the last stage.
    base: the run.
    template: the last stage as it was trained.
  """

  def init(key, previous):
    del previous  # There is only this stage.
    everything = concurrent.merged(base.params)
    trained = concurrent.factors(trainer.config, trainer.index)
    params = {
      "generator": {name: everything[name] for name in trained},
      "frozen": {
        name: tree for name, tree in everything.items() if name not in trained
      },
      "discriminator": base.params["discriminator"],
    }
    extra = base.extra | {"naive": base.naive}
    params, extra = jax.tree.map(jax.numpy.asarray, (params, extra))
    return core.create_state(key, params, trainer.players(), extra)

  return template._replace(name=f"finetune_{template.name}", init=init)
