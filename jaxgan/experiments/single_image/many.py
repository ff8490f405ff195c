"""Several generators at once: of several images of equal shape, or of several seeds.

Each is trained as it would be alone, from the same keys; `vmap` runs them as one
program, and the devices divide them where their number allows. When a training is done
each one's state is written as a run of its own.
"""

from collections.abc import Sequence
import json
import pathlib
from typing import Any, NamedTuple

from absl import logging
import jax
from jax.sharding import PartitionSpec
import ml_collections

from jaxgan import engine
from jaxgan.engine import core
from jaxgan.engine import saver as saver_lib
from jaxgan.experiments.single_image import data

Tree = core.Tree
SHOWN = 16  # Models in a picture of the training.
# Everything but the clock has an axis of models in front.
_AXES = core.State(step=None, key=0, params=0, opt=0, extra=0)


class Model(NamedTuple):
  """One of the generators: its picture and its seed."""

  name: str
  picture: data.Picture
  seed: int


def models(
  config: ml_collections.ConfigDict, known: Sequence[data.Picture]
) -> list[Model]:
  """Every picture with every seed."""
  result = []
  for picture in known:
    for seed in range(config.seed, config.seed + config.num_seeds):
      names = ([picture.name] if picture.name else []) + (
        [f"seed_{seed}"] if config.num_seeds > 1 else []
      )
      result.append(Model("_".join(names), picture, seed))
  return result


def groups(several: Sequence[Model]) -> dict[str, list[Model]]:
  """Models whose images have the same shape at every stage, by a name."""
  result: dict[tuple, list[Model]] = {}
  for model in several:
    channels = model.picture.reals[0].shape[-1]
    result.setdefault((*model.picture.sizes, channels), []).append(model)
  return {
    "together_" + "_".join(map(str, (*shape[-2], shape[-1]))): group
    for shape, group in result.items()
  }


def layout(count: int) -> Any:
  """How the models lie on the devices: divided if they can be, else all on each."""
  devices = jax.device_count()
  if count % devices:
    logging.info(
      "%d models do not divide over %d devices, so each device trains them "
      "all: take a multiple of %d",
      count,
      devices,
      devices,
    )
    return PartitionSpec()
  return core.State(PartitionSpec(), *[PartitionSpec("data")] * 4)


def stage(
  index: int, trainer: Any, group: Sequence[Model], single: core.Stage
) -> core.Stage:
  """Stage `index` of several models.

  Args:
    index: of the stage.
    trainer: of one model, with `init`, `update` and `render`.
    group: the models.
    single: the stage of the first of them.
  """
  reals = {
    str(i): jax.numpy.stack([model.picture.reals[i] for model in group])
    for i in range(index + 1)
  }

  def init(key, previous):
    del key  # Each model has the key that it would have alone.
    keys = jax.numpy.stack(
      [jax.random.fold_in(jax.random.key(model.seed), index) for model in group]
    )
    axes = (0, None if previous is None else _AXES, 0)
    return jax.vmap(trainer.init, axes, _AXES)(keys, previous, reals)

  def update(state, batch):
    state, scalars = jax.vmap(trainer.update, (_AXES,), (_AXES, 0))(state)
    return state, {name: x.mean() for name, x in scalars.items()}

  def render(state, batch):
    first = core.State(
      state.step,
      *jax.tree.map(
        lambda x: x[:SHOWN], (state.key, state.params, state.opt, state.extra)
      ),
    )
    images = jax.vmap(trainer.render, (_AXES,))(first)
    return {
      "fake": images["fake"][:, 0],
      **{
        name: x.reshape(-1, *x.shape[2:])
        for name, x in images.items()
        if name != "fake"
      },
    }

  return single._replace(
    init=init, update=update, render=render, evaluate=None, layout=layout(len(group))
  )


def write(
  config: ml_collections.ConfigDict,
  group: Sequence[Model],
  stages: Sequence[core.Stage],
  folder: pathlib.Path,
  state: core.State,
) -> None:
  """Writes each model of a trained group as a run of its own, `folder`/NAME.

  Args:
    config: of the whole run.
    group: the models, as they lie in the state.
    stages: of the group.
    folder: of the whole run.
    state: the last one.
  """
  total = sum(one.num_steps for one in stages)
  facts = {one.name: one.facts for one in stages}
  for i, model in enumerate(group):
    own = json.loads(config.to_json())
    own.update(image=model.picture.source, seed=model.seed, num_seeds=1)
    engine.workdir.claim(folder / model.name, own, facts)
    alone = core.State(
      state.step,
      *jax.tree.map(
        lambda x, i=i: x[i], (state.key, state.params, state.opt, state.extra)
      ),
    )
    position = engine.checkpoints.Position(stages[-1].name, int(state.step))
    with saver_lib.Saver(folder / model.name / "checkpoints") as saver:
      saver.save(total, position, alone)
      saver.wait()
  logging.info(
    "wrote %d runs to %s: %s",
    len(group),
    folder,
    ", ".join(model.name for model in group[:4]) + (", ..." if len(group) > 4 else ""),
  )
