"""A workdir out of a published run's files: `python -m jaxgan.prepare consingan`."""

import json
import pathlib
from typing import Any, NamedTuple

from absl import logging
import jax
import jax.numpy as jnp
import ml_collections
import numpy as np

from jaxgan.engine import checkpoints, core, model_file
from jaxgan.engine.saver import Saver
from jaxgan.engine.workdir import claim, lock
from jaxgan.errors import UserError
from jaxgan.experiments import single_image
from jaxgan.experiments.shared import shapes
from jaxgan.experiments.single_image.networks import create_consingan
from jaxgan.nets import consingan
from jaxgan.prepare import published

Tree = Any


class Files(NamedTuple):
  """Files of a published run; "" for those that are not at hand.

  Attributes:
    net_g: the last stage's netG.pth.
    noise_amp: noise_amp.pth.
    fixed_noise: fixed_noise.pth; without it there is no reconstruction.
    net_d: the last stage's netD.pth; without it training cannot go on sensibly.
  """

  net_g: str
  noise_amp: str
  fixed_noise: str = ""
  net_d: str = ""


def write_run(
  config: ml_collections.ConfigDict, files: Files, workdir: pathlib.Path
) -> None:
  """Makes a workdir as if the config had been trained in it, for all tasks to use.

  Args:
    config: what the run was trained with: image, mode, activation, slope and sizes;
      what the weights tell is filled in.
    files: see `Files`.
    workdir: a new folder.

  Raises:
    UserError: if the files are not what they should be, do not fit the config, or the
      workdir holds another run.
  """
  generator = published.convert_generator(published.read_dict(files.net_g), files.net_g)
  amplitudes = read_amplitudes(files, generator.num_stages)
  config = _completed(config, generator)
  single_image.check(config)
  plain = json.loads(config.to_json())
  with lock(workdir):
    claim(workdir, plain)
    stages = single_image.stages(config)
    facts = {each.name: each.facts for each in stages}
    state = _last_state(config, stages, generator, amplitudes, files)
    claim(workdir, plain, facts)
    total = sum(each.num_steps for each in stages)
    position = checkpoints.Position(stages[-1].name, stages[-1].num_steps)
    with Saver(workdir / "checkpoints", keep=1) as saver:
      saver.check_finite(total, state)
      saver.save(total, position, state)
  logging.info(
    "done: python -m jaxgan.generate --workdir=%s --task=sample --output=samples.png",
    workdir,
  )


def read_amplitudes(files: Files, num_stages: int) -> np.ndarray:
  """The noise's amplitude of each stage; raises UserError if the file is another's."""
  amplitudes = published.read_list(files.noise_amp)
  if any(x.shape for x in amplitudes):
    raise UserError(f"{files.noise_amp} holds no amplitudes, which are single numbers.")
  if len(amplitudes) != num_stages:
    raise UserError(
      f"{files.noise_amp} has {len(amplitudes)} amplitudes, "
      f"{files.net_g} {num_stages} stages: take both from the "
      "same run."
    )
  return np.stack(amplitudes)


def _check_same_shapes(params: Tree, wanted: Tree, path: str) -> None:
  """Raises UserError unless converted weights are those of our network."""
  if other := model_file.difference(params, wanted):
    raise UserError(f"{path} is no ConSinGAN network of the usual layers: {other}.")


def _completed(
  config: ml_collections.ConfigDict, generator: published.Generator
) -> ml_collections.ConfigDict:
  """The config with what the weights tell, and the published program's pyramid."""
  if config.experiment != "single_image" or config.network != "consingan":
    raise UserError(
      "published ConSinGAN weights need one of its configs, such as "
      "--config=configs/consingan.py."
    )
  if generator.length != 3:
    raise UserError(
      f"these weights have {generator.length} convolutions a stage: only "
      "the usual 3 are supported."
    )
  result = ml_collections.ConfigDict(config.to_dict())
  result.update(
    num_stages=generator.num_stages,
    features=generator.features,
    batch_norm=generator.batch_norm,
    exact_sizes=False,
    resize=dict(border="reference", truncate=True),
  )
  if generator.learned_slope != (config.activation == "prelu"):
    known = "prelu" if generator.learned_slope else "leaky_relu, elu or selu"
    raise UserError(
      f"config.activation = {config.activation!r}, but these weights are "
      f"of {known}: say --config.activation=NAME."
    )
  return result


def _last_state(
  config: ml_collections.ConfigDict,
  stages: list[core.Stage],
  generator: published.Generator,
  amplitudes: np.ndarray,
  files: Files,
) -> core.State:
  """The state at the end of the last stage."""
  last = len(stages) - 1
  sizes = [tuple(each.facts["size"]) for each in stages]
  net, critic = create_consingan(config, generator.channels, len(stages))
  noise_shapes = [(1, *net.noise_shape(i, size)) for i, size in enumerate(sizes)]
  noise = _fixed_noise(files.fixed_noise, noise_shapes, config.seed)
  if stages[-1].facts["channels"] != generator.channels:
    raise UserError(
      f"the image has {stages[-1].facts['channels']} channels, the "
      f"weights are for {generator.channels}."
    )
  images = jnp.zeros((1, *sizes[-1], generator.channels))
  critic_params = _critic_params(critic, files.net_d, images, config.seed)
  wanted = shapes.variables(net, noise, sizes=sizes, amplitudes=amplitudes)["params"]
  _check_same_shapes(generator.params, wanted, files.net_g)
  previous = None
  if last:
    # As if the stage before had just ended; growing copies its part of the weights.
    previous = core.State(
      jnp.int32(0),
      jax.random.key(config.seed),
      {
        "generator": {
          name: tree
          for name, tree in generator.params.items()
          if name != f"body_{last}"
        },
        "frozen": {},
        "discriminator": critic_params,
      },
      {},
      {
        "noise": {str(i): x for i, x in enumerate(noise[:-1])},
        "amplitudes": jnp.asarray(amplitudes[:-1]),
      },
    )
  state = jax.jit(stages[-1].init)(jax.random.key(config.seed), previous)
  params = {
    player: {name: generator.params[name] for name in state.params[player]}
    for player in ("generator", "frozen")
  }
  extra = state.extra | {
    "amplitudes": jnp.asarray(amplitudes),
    "noise": {str(i): jnp.asarray(x) for i, x in enumerate(noise)},
  }
  return state.replace(
    step=jnp.int32(stages[-1].num_steps),
    extra=extra,
    params=params | {"discriminator": critic_params},
  )


def _fixed_noise(
  path: str, wanted: list[tuple[int, ...]], seed: int
) -> list[np.ndarray]:
  """The reconstruction's noise [1, h, w, c] of every stage."""
  if not path:
    logging.warning(
      "no fixed noise is given: samples are as published, but there is "
      "no reconstruction, nor what starts from it"
    )
    random = np.random.default_rng(seed)
    return [random.normal(size=shape).astype(np.float32) for shape in wanted]
  read = published.read_list(path)
  noise = [published.floats(np.moveaxis(x, 1, -1)) for x in read if x.ndim == 4]
  if (found := [x.shape for x in noise]) != wanted:
    raise UserError(
      f"{path} has noise of the shapes {found}, the config and the image "
      f"call for {wanted}: set config.mode, min_size, max_size and "
      "spacing as in that run, and give its image."
    )
  return noise


def _critic_params(
  critic: consingan.Discriminator, path: str, images: jax.Array, seed: int
) -> Tree:
  """The published weights, or new ones where there are none."""
  if not path:
    return jax.jit(critic.init)(jax.random.key(seed), images)["params"]
  params = published.convert_discriminator(published.read_dict(path), path)
  _check_same_shapes(params, shapes.variables(critic, images)["params"], path)
  return params
