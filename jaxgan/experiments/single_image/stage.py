"""The family's stages: one for every size of the picture."""

from collections.abc import Callable, Iterable, Iterator
import functools
from typing import Any

import jax
import ml_collections

from jaxgan.engine import core
from jaxgan.errors import UserError, nearest
from jaxgan.experiments.single_image import (
  concurrent,
  data,
  distortions,
  finetune,
  many,
  sequential,
)

SCALARS = (
  "wasserstein",
  "gradient_penalty",
  "gradient_discriminator",
  "loss_generator",
  "gradient_generator",
  "reconstruction",
)
VANISHED = 1e-3  # Norm of the generator's gradient, which is 0.1 to 10 as it learns.
NETWORKS = {"consingan": concurrent, "singan": sequential}


def parts(config: ml_collections.ConfigDict) -> list[core.Part]:
  """What is trained: one generator, or several in groups of equal shape.

  Raises:
    UserError: for what is wrong with the config or its pictures.
  """
  if config.network not in NETWORKS:
    raise UserError(
      f"config.network = {config.network!r} is not known: "
      f"{nearest(config.network, NETWORKS)}"
    )
  if config.num_seeds < 1:
    raise UserError(f"config.num_seeds = {config.num_seeds} must be at least 1.")
  if config.finetune.workdir:
    return [core.Part("", finetune_stages(config))]
  known = data.load(config)
  several = many.models(config, known)
  if len(several) == 1 and not several[0].name:
    return [
      core.Part(
        "",
        [make_stage(config, known[0], index) for index in range(len(known[0].levels))],
      )
    ]
  result = []
  for folder, group in many.groups(several).items():
    stages = [
      many.stage(
        index,
        make_trainer(config, group[0].picture, index),
        group,
        make_stage(config, group[0].picture, index),
      )
      for index in range(len(group[0].picture.levels))
    ]
    finish = functools.partial(many.write, config, group, stages)
    result.append(core.Part(folder, stages, finish))
  return result


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """The stages of the first part; see `parts`."""
  return parts(config)[0].stages


def finetune_stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """The one stage of a fine-tuning; see `finetune`."""
  base = finetune.load(config)
  reals = base.extra["real"]
  count = len(base.extra["amplitudes"])
  sizes = tuple(tuple(reals[str(i)].shape[1:3]) for i in range(count))
  trainer = concurrent.Trainer(
    config,
    count - 1,
    sizes,
    reals["0"].shape[-1],
    first_image=lambda key, state: state.extra["naive"],
  )
  facts = {"size": sizes[-1], "scale": 1.0, "channels": trainer.channels}
  return [finetune.stage(trainer, base, describe(config, trainer, facts))]


def make_trainer(
  config: ml_collections.ConfigDict, picture: data.Picture, index: int
) -> Any:
  """What stage `index` computes, for one picture."""
  sizes, channels = picture.sizes[: index + 1], picture.reals[0].shape[-1]
  modes = NETWORKS[config.network].MODES
  if config.mode not in modes:
    raise UserError(
      f"config.mode = {config.mode!r} is not one of {config.network}: "
      f"{nearest(config.mode, modes)}"
    )
  if config.network == "singan":
    return sequential.Trainer(config, index, sizes, channels)
  changes = {
    "harmonization": functools.partial(
      distortions.harmonization, variant=config.augmentation
    ),
    "editing": distortions.shuffle,
  }.get(config.mode)
  first_image = None
  if changes:
    first_image = lambda key, state: changes(key, state.extra["real"]["0"][0])[None]
  return concurrent.Trainer(config, index, sizes, channels, first_image)


def make_stage(
  config: ml_collections.ConfigDict, picture: data.Picture, index: int
) -> core.Stage:
  """Stage `index` of one picture."""
  trainer = make_trainer(config, picture, index)
  reals = {str(i): real for i, real in enumerate(picture.reals[: index + 1])}
  facts = {
    "size": picture.sizes[index],
    "scale": picture.levels[index].scale,
    "channels": trainer.channels,
  }
  is_last = index == len(picture.levels) - 1
  return describe(config, trainer, facts)._replace(
    init=lambda key, previous: trainer.init(
      key, previous, jax.tree.map(jax.numpy.asarray, reals)
    ),
    evaluate=reconstruction_error(trainer) if is_last else None,
  )


def reconstruction_error(trainer: Any) -> Callable[[core.State], Iterable]:
  """What tells the best checkpoint: whether the image itself is still made.

  A training of thousands of iterations may lose in ten of them what it had learnt.
  """

  @jax.jit
  def rmse(state):
    error = trainer.reconstruct(state) - state.extra["real"][str(trainer.index)]
    return jax.numpy.sqrt(jax.numpy.mean(jax.numpy.square(error)))

  return lambda state: [("rmse_reconstruction", float(rmse(state)))]


def describe(
  config: ml_collections.ConfigDict, trainer: Any, facts: dict[str, Any]
) -> core.Stage:
  """A stage but for how it begins."""
  height, width = trainer.sizes[-1]
  return core.Stage(
    name=f"{trainer.index}_{height}x{width}",
    num_steps=config.num_steps,
    init=trainer.init,
    update=lambda state, batch: trainer.update(state),
    metrics=core.average_of(*SCALARS),
    render=lambda state, batch: trainer.render(state),
    remarks=functools.partial(remarks, config),
    facts=facts,
    cost=height * width,
  )


def remarks(
  config: ml_collections.ConfigDict, before: dict[str, float], now: dict[str, float]
) -> Iterator[str]:
  """A warning if the generator is stuck where tanh is flat, as dark images make it."""
  if not before or max(x["gradient_generator"] for x in (before, now)) > VANISHED:
    return
  mend = (
    "lower config.learning_rate"
    if config.get("batch_norm", True)
    else "set config.batch_norm=True"
  )
  yield (
    "warning: the generator makes one color and has no gradient left to learn from: "
    f"{mend}, in another workdir"
  )
