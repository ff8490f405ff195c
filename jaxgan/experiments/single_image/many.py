"""Several generators at once: of several images of equal shape, or of several seeds.

Each is trained as it would be alone, from the same keys; `vmap` runs them as one
program, which the devices divide. When a training is done each one's state is written
as a run of its own.
"""

from collections.abc import Sequence
import itertools
import json
import math
import pathlib
from typing import Any, NamedTuple

from absl import logging
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec
import ml_collections
import numpy as np

from jaxgan.engine import checkpoints, core, sharding, workdir
from jaxgan.experiments.single_image import data

RENDERED = 16  # Models whose images training renders.
# All of a state but the clock has an axis of models in front.
_AXES = core.State(step=None, key=0, params=0, opt=0, extra=0)


class Model(NamedTuple):
  """One of the generators: its image and its seed."""

  name: str
  image: data.TrainingImage
  seed: int


def models(
  config: ml_collections.ConfigDict, images: Sequence[data.TrainingImage]
) -> list[Model]:
  """Every image with every seed."""
  result = []
  for image in images:
    for seed in range(config.seed, config.seed + config.num_seeds):
      names = ([image.name] if image.name else []) + (
        [f"seed_{seed}"] if config.num_seeds > 1 else []
      )
      result.append(Model("_".join(names), image, seed))
  return result


def groups(
  several: Sequence[Model], share: core.Share = core.WHOLE
) -> dict[str, list[Model]]:
  """Models whose images have the same shape at every stage, by the name of a folder.

  Args:
    several: all models.
    share: which of them to take: pixels are divided evenly, and few shapes.
  """
  shape = lambda model: (*model.image.sizes, model.image.channels)
  several = sorted(several, key=shape)
  pixels = np.cumsum([math.prod(model.image.sizes[-1]) for model in several])
  result: dict[tuple, list[Model]] = {}
  for model, before in zip(several, [0, *pixels], strict=False):
    if before * share.count // pixels[-1] == share.index:
      result.setdefault(shape(model), []).append(model)
  # The folders of a share, whose states hold other models, have names of their own.
  end = "" if share == core.WHOLE else f"_share_{share.index}_of_{share.count}"
  return {
    "together_" + "_".join(map(str, (*key[-2], key[-1]))) + end: group
    for key, group in result.items()
  }


def filled(group: Sequence[Model]) -> list[Model]:
  """A group that divides over the devices: some once more, which are not written."""
  devices = sharding.make_mesh().size
  missing = -len(group) % devices
  if missing:
    logging.info("%d models on %d devices: room for more", len(group), devices)
  return [*group, *itertools.islice(itertools.cycle(group), missing)]


def stage(trainer: Any, group: Sequence[Model], single: core.Stage) -> core.Stage:
  """A stage of several models.

  Args:
    trainer: of one model; see `concurrent.Trainer`.
    group: the models, as many as divide over the devices; see `filled`.
    single: the stage of the first of them.
  """
  index = trainer.index
  stack = lambda trees: jax.tree.map(lambda *x: np.stack(x), *trees)
  reals = stack([list(model.image.reals[: index + 1]) for model in group])
  each = PartitionSpec("data")
  lying = core.State(PartitionSpec(), *[each] * 4)

  def init(key, previous):
    del key  # Each model has the key that it would have alone.
    keys = jnp.stack(
      [jax.random.fold_in(jax.random.key(model.seed), index) for model in group]
    )
    axes = (0, None if previous is None else _AXES, 0)
    return jax.vmap(trainer.init, axes, _AXES)(keys, previous, reals)

  def update(state, batch):
    update = jax.vmap(trainer.update, (_AXES, 0), (_AXES, 0))
    state, scalars = sharding.apart(update, (lying, each), (lying, each))(state, batch)
    return state, {name: x.mean() for name, x in scalars.items()}

  def render(state, batch):
    first = slice(min(RENDERED, len({model.name for model in group})))
    images = jax.vmap(trainer.render, (_AXES, 0))(
      _select(state, first), jax.tree.map(lambda x: x[first], batch)
    )
    fake = images.pop("fake")[:, 0]
    return {
      "fake": fake,
      **{name: x.reshape(-1, *x.shape[2:]) for name, x in images.items()},
    }

  return single._replace(
    init=init,
    update=update,
    render=render,
    constants=stack([trainer.constants(model.image.reals) for model in group]),
    evaluate=None,
    facts={},  # `write` gives each model its own.
    data=" ".join(model.image.digest for model in group),
    layout=lying,
  )


def _select(state: core.State, which: int | slice) -> core.State:
  """Some models of a state."""
  parts = (state.key, state.params, state.opt, state.extra)
  return core.State(state.step, *jax.tree.map(lambda x: x[which], parts))


def reconstruction_errors(
  trainer: Any, group: Sequence[Model], state: core.State
) -> np.ndarray:
  """The root mean square by which each model misses its own image, float32 [models].

  Args:
    trainer: of one model in the last stage.
    group: the models.
    state: theirs; it may hold some once more, see `filled`.
  """
  every = itertools.islice(itertools.cycle(group), len(state.key))
  reals = np.stack([model.image.reals[-1] for model in every])
  one = lambda state, real: jnp.sqrt(jnp.mean((trainer.reconstruct(state) - real) ** 2))
  # Not divided, so that each host has all.
  whole = sharding.replicated(sharding.make_mesh())
  errors = jax.jit(jax.vmap(one, (_AXES, 0)), out_shardings=whole)(state, reals)
  return np.asarray(errors)[: len(group)]


def write(
  config: ml_collections.ConfigDict,
  group: Sequence[Model],
  trainer: Any,
  stages: Sequence[core.Stage],
  folder: pathlib.Path,
  state: core.State,
) -> None:
  """Writes each model of a trained group as a run of its own, `folder`/NAME.

  Args:
    config: of the whole run.
    group: the models, as they lie in the state.
    trainer: of one model in the last stage.
    stages: of the group.
    folder: of the whole run.
    state: the last one.
  """
  from jaxgan.engine.saver import Saver  # Imports Orbax, which is slow.

  total = sum(each.num_steps for each in stages)
  position = checkpoints.Position(stages[-1].name, int(state.step))
  errors = reconstruction_errors(trainer, group, state)
  for i, model in enumerate(group):
    own = json.loads(config.to_json())
    own.update(image=model.image.source, seed=model.seed, num_seeds=1)
    facts = {each.name: model.image.facts(k) for k, each in enumerate(stages)}
    workdir.claim(folder / model.name, own, facts)
    with Saver(folder / model.name / "checkpoints") as saver:
      saver.save(total, position, _select(state, i))
      saver.wait()
      if not saver.evaluated(total):  # As training does of one alone.
        saver.record(total, {"rmse_reconstruction": float(errors[i])})
  logging.info(
    "wrote %d runs to %s: %s",
    len(group),
    folder,
    ", ".join(model.name for model in group[:4]) + (", ..." if len(group) > 4 else ""),
  )
