"""A WGAN on digits that it draws itself: a whole family in one module."""

from collections.abc import Iterator
import dataclasses
import pathlib

from flax import linen as nn
import jax
import jax.numpy as jnp
import ml_collections
import numpy as np
import optax
from PIL import Image, ImageDraw

from jaxgan.engine import core, workdir
from jaxgan.errors import UserError
from jaxgan.experiments.shared import arguments
from jaxgan.images import pixels, writer
from jaxgan.losses import adversarial

SIDE = 16  # Of an image, in pixels.
# Digits 0 to 9 as one line each through the corners 0 1 (top), 2 3 and 4 5 (bottom).
LINES = "01540 15 013245 0132354 02315 102354 104532 015 2015423 451023"


def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
  """Digits of random shape, uint8 [count, 16, 16, 1], and which they are [count]."""
  random, lines = np.random.default_rng(seed), LINES.split()
  labels, images = random.integers(10, size=count), []
  for label in labels:
    width, height, slant = random.uniform((20, 36, -4), (30, 48, 8))
    corners = [
      (32 + (x - 0.5) * width + (0.5 - y) * slant, 32 + (y - 0.5) * height)
      for y in (0, 0.5, 1)
      for x in (0, 1)
    ]
    picture = Image.new("L", (4 * SIDE, 4 * SIDE))
    line = [corners[int(corner)] for corner in lines[label]]
    ImageDraw.Draw(picture).line(line, fill=255, width=8, joint="curve")
    images.append(np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX)))
  return np.stack(images)[..., None], labels


class Dense(nn.Module):
  """Two hidden layers: [n, inputs] to [n, outputs]."""

  width: int
  outputs: int

  @nn.compact
  def __call__(self, x: jax.Array) -> jax.Array:
    for _ in range(2):
      x = nn.leaky_relu(nn.Dense(self.width)(x), 0.2)
    return nn.Dense(self.outputs)(x)


@dataclasses.dataclass(frozen=True)
class Objective:
  """Both players' losses: WGAN-GP (Gulrajani et al., 2017)."""

  width: int  # Of both networks.
  latents: int
  penalty: float  # Weight of the gradient penalty.

  def images(self, weights, key, count):
    """Generated images [count, 16, 16, 1] in [-1, 1]."""
    latents = jax.random.normal(key, (count, self.latents))
    pixels = Dense(self.width, SIDE * SIDE).apply(weights, latents)
    return jnp.tanh(pixels).reshape(count, SIDE, SIDE, 1)

  def score(self, weights, images):
    """The critic's scores [n] of images [n, 16, 16, 1]."""
    return Dense(self.width, 1).apply(weights, images.reshape(len(images), -1))[:, 0]

  def critic(self, params, state, batch, key):
    """How far apart the mean scores are, negated, and the gradient penalty."""
    keys = jax.random.split(key)
    real = pixels.to_floats(batch["image"])
    fake = jax.lax.stop_gradient(self.images(params["generator"], keys[0], len(real)))
    score = lambda images: self.score(params["critic"], images)
    loss = adversarial.wasserstein_discriminator(score(real), score(fake))
    penalty = adversarial.gradient_penalty(score, keys[1], real, fake)
    return loss + self.penalty * penalty, ({}, {"distance": -loss})

  def generator(self, params, state, batch, key):
    """The generated images' mean score, negated."""
    fake = self.images(params["generator"], key, len(batch["image"]))
    score = self.score(params["critic"], fake).mean()
    return -score, ({}, {"score": score})


def create_objective(config: ml_collections.ConfigDict) -> Objective:
  """The one place where a config becomes what the step computes."""
  return Objective(config.width, config.latents, config.penalty)


def stages(config: ml_collections.ConfigDict) -> list[core.Stage]:
  """One stage: data, both players, their step, and the images that show progress."""
  objective = create_objective(config)
  digits, _ = draw(config.data.num_drawn, seed=0)
  players = [
    core.Player(name, getattr(objective, name), optax.adam(**config.optimizer), times)
    for name, times in config.updates_per_step.items()
  ]

  def init(key, previous):
    keys = jax.random.split(key, 3)
    generator, critic = Dense(config.width, SIDE * SIDE), Dense(config.width, 1)
    params = {
      "generator": generator.init(keys[0], jnp.zeros((1, config.latents))),
      "critic": critic.init(keys[1], jnp.zeros((1, SIDE * SIDE))),
    }
    return core.create_state(keys[2], params, players, {"ema": params["generator"]})

  def batches(first, count):
    shape = config.data.batch_size
    rows = [
      np.random.default_rng((config.seed, step)).integers(len(digits), size=shape)
      for step in range(first, first + count)
    ]
    return {"image": digits[np.stack(rows)]}

  return [
    core.Stage(
      name="digits",
      num_steps=config.num_steps,
      init=init,
      update=core.average(
        core.alternate(players), lambda state: state.params["generator"], config.ema
      ),
      metrics=core.average_of("distance", "score"),
      render=lambda state, batch: {
        "fake": objective.images(state.extra["ema"], jax.random.key(0), 64)
      },
      batches=batches,
    )
  ]


def generate(run: workdir.Run, num: int, seed: int) -> np.ndarray:
  """Images uint8 [num, 16, 16, 1] of a run's averaged generator."""
  arguments.check_num(num)
  arguments.check_seed(seed)
  objective, weights = create_objective(run.config), run.restore("extra.ema")
  images = objective.images(weights, jax.random.key(seed), num)
  return pixels.to_uint8(np.asarray(images))


def sample(
  run: workdir.Run, output: pathlib.Path, *, num: int = 64, seed: int = 0
) -> pathlib.Path:
  """Digits from noise: a sheet (.png), or a folder of files.

  Args:
    num: how many.
    seed: draws them.
  """
  writer.write_images(output, generate(run, num, seed))
  return output


TASKS = {"sample": sample}


def evaluate(
  run: workdir.Run, *, num: int = 500, seed: int = 0
) -> Iterator[tuple[str, float]]:
  """Compares each generated digit with the nearest of 2,000 drawn ones.

  Args:
    num: how many are generated.
    seed: draws them.
  """
  drawn, labels = draw(2_000, seed=1)
  fake, real = (
    x.reshape(len(x), -1) / 255.0 for x in (generate(run, num, seed), drawn)
  )
  squares = (fake**2).mean(1)[:, None] + (real**2).mean(1) - 2 * fake @ real.T / SIDE**2
  yield "rmse_to_nearest", float(np.sqrt(squares.min(1).clip(0)).mean())
  counts = np.bincount(labels[squares.argmin(1)], minlength=10)
  yield "kinds_of_digits", int((counts >= num / 100).sum())


FREE = ("num_steps",)  # No step depends on how many there are.


def check(config: ml_collections.ConfigDict) -> None:
  """Refuses what a config alone shows to be wrong, before any work."""
  for name in ("width", "latents"):
    if config[name] < 1:
      raise UserError(f"config.{name} = {config[name]} must be 1 or more.")
