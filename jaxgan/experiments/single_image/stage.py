"""The family's stages: one for every size of the image."""

from collections.abc import Callable, Iterable, Iterator
import functools
from typing import Any

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np

from jaxgan.engine import core
from jaxgan.experiments.single_image import concurrent, data, finetune, many, sequential

SCALARS = (
  "wasserstein",
  "gradient_penalty",
  "gradient_discriminator",
  "loss_generator",
  "gradient_generator",
  "reconstruction",
)
VANISHED = 1e-3  # Norm of the generator's gradient, which is 0.1 to 10 as it learns.
TRAINERS = {"consingan": concurrent.create_trainer, "singan": sequential.create_trainer}
Trainer = concurrent.Trainer | sequential.Trainer


def shares(config: ml_collections.ConfigDict) -> bool:
  """Whether there are several generators, which processes share without each other."""
  several = config.num_seeds > 1 or data.is_folder(config.image)
  return several and not config.init.workdir


def parts(
  config: ml_collections.ConfigDict, share: core.Share = core.WHOLE
) -> list[core.Part]:
  """What is trained: one generator, or several in groups of equal shape.

  Args:
    config: the run's.
    share: of the generators.

  Raises:
    UserError: for what is wrong with the images, or the run to start from.
  """
  if config.init.workdir:
    return [core.Part("", [finetuning(config)])]
  images = data.load(config)
  several = many.models(config, images)
  if len(several) == 1 and not several[0].name:
    image = images[0]
    trainers = create_trainers(config, image)
    return [core.Part("", [create_stage(config, each, image) for each in trainers])]
  result = []
  for folder, group in many.groups(several, share).items():
    image, full = group[0].image, many.filled(group)
    trainers = create_trainers(config, image)
    stages = [
      many.stage(trainer, full, create_stage(config, trainer, image))
      for trainer in trainers
    ]
    if len(full) > len(group):  # On other devices its states have other shapes.
      folder += f"_as_{len(full)}"
    finish = functools.partial(many.write, config, group, trainers[-1], stages)
    result.append(core.Part(folder, stages, finish))
  return result


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """The stages of the first part; see `parts`."""
  return parts(config)[0].stages


def create_trainers(
  config: ml_collections.ConfigDict, image: data.TrainingImage
) -> list[Trainer]:
  """What every stage computes, for an image of one shape."""
  create = TRAINERS[config.network]
  return [
    create(config, image.sizes[:count], image.channels)
    for count in range(1, len(image.sizes) + 1)
  ]


def create_stage(
  config: ml_collections.ConfigDict, trainer: Trainer, image: data.TrainingImage
) -> core.Stage:
  """A stage for one image."""
  reals = image.reals[: trainer.index + 1]
  is_last = len(reals) == len(image.reals)
  return describe(
    config,
    trainer,
    init=lambda key, previous: trainer.init(
      key, previous, [jnp.asarray(real) for real in reals]
    ),
    constants=trainer.constants(reals),
    facts=image.facts(trainer.index),
    data=image.digest,
    evaluate=reconstruction_error(trainer, reals[-1]) if is_last else None,
  )


def finetuning(config: ml_collections.ConfigDict) -> core.Stage:
  """The one stage of a fine-tuning; see `finetune`."""
  base = finetune.load(config)
  trainer = finetune.create_trainer(config, base)
  stage = describe(
    config,
    trainer,
    init=lambda key, previous: finetune.init(trainer, base, key),
    constants={"real": base.reals[-1], "first_image": base.input},
    facts={f"real_{i}": real for i, real in enumerate(base.reals)},
  )
  return stage._replace(name=f"finetune_{stage.name}")


def describe(
  config: ml_collections.ConfigDict, trainer: Trainer, **fields: Any
) -> core.Stage:
  """A stage with what all have in common, and `fields` of its own."""
  height, width = trainer.sizes[-1]
  advice = (
    "lower config.optimizer.learning_rate"
    if config.get("batch_norm", True)
    else "set config.batch_norm=True"
  )
  return core.Stage(
    name=f"{trainer.index}_{height}x{width}",
    num_steps=config.num_steps,
    update=trainer.update,
    metrics=core.average_of(*SCALARS),
    render=trainer.render,
    remarks=functools.partial(remarks, advice),
    cost=height * width,
    **fields,
  )


def reconstruction_error(
  trainer: Trainer, real: np.ndarray
) -> Callable[[core.State], Iterable[tuple[str, float]]]:
  """What tells the best checkpoint: whether the image itself is still made.

  A training of thousands of steps may lose in ten of them what it had learned.
  """

  @jax.jit
  def rmse(state, real):
    return jnp.sqrt(jnp.mean(jnp.square(trainer.reconstruct(state) - real)))

  return lambda state: [("rmse_reconstruction", float(rmse(state, real)))]


def remarks(
  advice: str, before: dict[str, float], now: dict[str, float]
) -> Iterator[str]:
  """A warning if the generator is stuck where tanh is flat, as dark images make it."""
  if before and max(x["gradient_generator"] for x in (before, now)) <= VANISHED:
    yield (
      "warning: the generator makes one color and has no gradient left to learn from: "
      f"{advice}, in another workdir"
    )
