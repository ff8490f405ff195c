"""A GAN of two vectors in two stages: a family, its config and a program.

The generator shifts and scales noise, the discriminator is a plane. The second stage is
twice as wide and starts from the weights of the first, as families that grow do. Run as
a program it is `python -m jaxgan.main` that knows the family "toy":

  python -m tests.engine.toy --config=tests/engine/toy.py --workdir=DIR
"""

import functools
import importlib.machinery
import json
import sys
import time

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np
import optax

from jaxgan import errors, main
from jaxgan.engine import core, train

TASKS = {}
FREE = ("num_steps", "num_stages", "pause")


def get_config(variant: str = "") -> ml_collections.ConfigDict:
  """Two stages of six steps."""
  del variant
  config = ml_collections.ConfigDict()
  config.experiment = "toy"
  config.seed = 0
  config.num_steps = 6
  config.num_stages = 2
  config.pause = 0.0  # Seconds that a batch takes.
  config.data = dict(batch_size=8)
  config.every = dict(log=2, image=6, checkpoint=2, evaluate=0)
  config.best = ""
  config.keep = 3
  config.profile = dict(steps=0, after=10)
  return config


def fake(weights, latents):
  """Latents [n, width] to flat images [n, width] in [-1, 1]."""
  return jnp.tanh(latents * weights["scale"] + weights["shift"])


def loss_discriminator(params, state, batch, key):
  """Logistic loss; also follows the mean of the real images."""
  real = batch["image"].reshape(len(batch["image"]), -1) / 127.5 - 1
  latents = jax.random.normal(key, real.shape)
  plane = params["discriminator"]["plane"] * batch["importance"]
  value = jnp.mean(
    jax.nn.softplus(-real @ plane)
    + jax.nn.softplus(fake(params["generator"], latents) @ plane)
  )
  mean = 0.9 * state.extra["statistics"]["mean"] + 0.1 * jnp.mean(real, 0)
  return value, ({"statistics": {"mean": mean}}, {"loss_discriminator": value})


def loss_generator(params, state, batch, key):
  """The generator's half; `state` is not used."""
  del state
  plane = params["discriminator"]["plane"] * batch["importance"]
  latents = jax.random.normal(key, (len(batch["image"]), len(plane)))
  value = jnp.mean(jax.nn.softplus(-fake(params["generator"], latents) @ plane))
  return value, ({}, {"loss_generator": value})


def players(updates: int = 1) -> list[core.Player]:
  """The discriminator, updated so often, then the generator."""
  return [
    core.Player("discriminator", loss_discriminator, optax.adam(0.05), updates),
    core.Player("generator", loss_generator, optax.adam(0.1)),
  ]


def init(key, previous, *, width):
  """Vectors of `width`; those of the stage before, if any, fill the first half."""
  keys = jax.random.split(key, 3)
  params = {
    "generator": {"scale": jnp.ones(width), "shift": jnp.zeros(width)},
    "discriminator": {"plane": 0.1 * jax.random.normal(keys[0], (width,))},
  }
  if previous is not None:
    params = jax.tree.map(
      lambda new, old: new.at[: len(old)].set(old), params, previous.params
    )
  extra = {
    "ema": params["generator"],
    "statistics": {"mean": jnp.zeros(width)},
    "latents": jax.random.normal(keys[1], (4, width)),
  }
  return core.create_state(keys[2], params, players(), extra)


def batches(first, count, *, width, batch_size, pause):
  """Dark images, a function of the step alone."""
  time.sleep(pause * count)
  images = [
    np.random.default_rng([width, step]).integers(
      0, 100, (batch_size, 2, width // 2, 1), np.uint8
    )
    for step in range(first, first + count)
  ]
  return {"image": np.stack(images)}


def render(state, batch):
  """Four images of the average, and the real ones."""
  images = fake(state.extra["ema"], state.extra["latents"])
  return {
    "fake": images.reshape(4, *batch["image"].shape[1:]),
    "real": batch["image"][:4] / 127.5 - 1,
  }


def update():
  """Players in turn, the average, and a rate that halves at the fourth step."""
  inner = core.average(
    core.alternate(players(updates=2)), lambda state: state.params["generator"], 0.9
  )

  def with_rate(state, batch):
    rate = jnp.where(state.step < 4, 0.1, 0.05)
    state, scalars = inner(state, batch)
    return state, scalars | {"rate": rate}

  return with_rate


def evaluate(state):
  """The distance of the generator's shift from the mean of the real images."""
  yield (
    "distance",
    float(np.abs(np.asarray(state.params["generator"]["shift"]) + 0.6).mean()),
  )


def remarks(before, now):
  """A line when the rate changes."""
  if before and before["rate"] != now["rate"]:
    yield f"rate {before['rate']:.3g} -> {now['rate']:.3g}"


def stage(index: int, config) -> core.Stage:
  """The stage of width 4 << index."""
  width = 4 << index
  return core.Stage(
    name=f"{width} wide",
    num_steps=config.num_steps,
    init=functools.partial(init, width=width),
    update=update(),
    render=render,
    metrics=core.average_of(
      "loss_discriminator", "loss_generator", "gradient_generator", latest=["rate"]
    ),
    batches=functools.partial(
      batches, width=width, pause=config.pause, batch_size=config.data.batch_size
    ),
    constants={"importance": np.linspace(1, 2, width, dtype=np.float32)},
    evaluate=evaluate,
    remarks=remarks,
    facts={"width": width},
  )


def stages(config) -> list[core.Stage]:
  """Both stages, or the first alone."""
  return [stage(i, config) for i in range(config.num_stages)]


def run(workdir, *, stages=None, every=(2, 0, 2), **options) -> core.State:
  """Trains the toy in a workdir, with few images."""
  return train.train(
    stages or make(), workdir=workdir, every=train.Every(*every), **options
  )


def make(**fields) -> list[core.Stage]:
  """Stages of a changed config."""
  config = get_config()
  config.update(fields)
  return stages(config)


def lines(workdir):
  """What metrics.jsonl says, without the speed."""
  entries = map(json.loads, (workdir / "metrics.jsonl").read_text().splitlines())
  return [
    {k: v for k, v in entry.items() if "per_second" not in k} for entry in entries
  ]


def arrays(tree) -> dict[str, np.ndarray]:
  """Every leaf by its path, for comparisons to the last bit."""
  is_key = lambda x: jax.dtypes.issubdtype(x.dtype, jax.dtypes.prng_key)
  return {
    jax.tree_util.keystr(path): np.asarray(jax.random.key_data(x) if is_key(x) else x)
    for path, x in jax.tree_util.tree_leaves_with_path(tree)
  }


def assert_same(got, want) -> None:
  """Every leaf of two trees is equal, bit for bit."""
  got, want = arrays(got), arrays(want)
  assert got.keys() == want.keys()
  different = [
    name
    for name in want
    if got[name].dtype != want[name].dtype
    or got[name].tobytes() != want[name].tobytes()
  ]
  assert not different


if __name__ == "__main__":
  module = sys.modules["jaxgan.experiments.toy"] = sys.modules["__main__"]
  module.__spec__ = importlib.machinery.ModuleSpec("jaxgan.experiments.toy", None)
  errors.run(main.main)
