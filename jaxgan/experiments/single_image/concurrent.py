"""A stage of ConSinGAN: how it grows out of the stage before, and one training step.

Written for one image; `many` maps it over several. The computation is the published
one, arranged so that nothing is computed twice: the fake image of a step is drawn once
for all updates, frozen stages are left out of the gradient, and where they make the
reconstruction, which always begins with the same noise, they run once a stage.
"""

from collections.abc import Callable, Mapping, Sequence
import dataclasses

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.engine import core
from jaxgan.experiments.single_image import distortions
from jaxgan.experiments.single_image.networks import create_consingan
from jaxgan.experiments.single_image.objective import Objective, create_objective
from jaxgan.losses import adversarial
from jaxgan.nets import consingan

Tree = core.Tree
Size = consingan.Size
FROM_IMAGES = ("harmonization", "editing")  # Stage 0 learns from images, not noise.
MODES = ("generation", "retarget", "animation", *FROM_IMAGES)
EDITING_NOISE = 0.1  # Standard deviation on the image that editing begins with.
SAMPLES = 4  # Among the images that training renders.
RENDERING = 2**31 - 1  # Folded into the key for their noise; no step comes so far.


def create_trainer(
  config: ml_collections.ConfigDict, sizes: Sequence[Size], channels: int
) -> "Trainer":
  """The trainer of the last of some stages.

  Args:
    config: the run's.
    sizes: (height, width) of the stages up to this one.
    channels: of the image.
  """
  index = len(sizes) - 1
  first = max(0, index + 1 - config.train_depth)
  generator, discriminator = create_consingan(config, channels, len(sizes))
  return Trainer(
    index,
    tuple(sizes),
    first,
    generator,
    discriminator,
    create_objective(config, rate_shares(index, first, config.lr_scale)),
    config.mode,
    config.noise,
    distortions.of_mode(config.mode, config.augmentation),
  )


def rate_shares(index: int, first: int, lr_scale: float) -> dict[str, float]:
  """Shares of the learning rate for the parts of the generator that a stage trains.

  Args:
    index: of the stage.
    first: the first stage that is trained.
    lr_scale: share of each stage in that of the stage after it.
  """
  result = {f"body_{j}": lr_scale ** (index - j) for j in range(first, index + 1)}
  if first == 0:
    result["head"] = lr_scale**index
  return result | {"tail": 1.0}


@dataclasses.dataclass(frozen=True)
class Trainer:
  """Stage `index` for images of one shape.

  Attributes:
    index: of the stage, counted from 0.
    sizes: (height, width) of the stages up to this one.
    first: the first stage that is trained; those before are frozen.
    generator: with the stages up to this one.
    discriminator: the critic.
    objective: losses and optimizers.
    mode: one of `MODES`.
    noise: amplitude of this stage's noise, as a share of the reconstruction's error.
    distort: `(key, image [h, w, c]) -> image`, what stage 0 begins with; None for
      noise.
  """

  index: int
  sizes: tuple[Size, ...]
  first: int
  generator: consingan.Generator
  discriminator: consingan.Discriminator
  objective: Objective
  mode: str
  noise: float
  distort: Callable[[jax.Array, jax.Array], jax.Array] | None = None

  def constants(self, reals: Sequence[jax.Array]) -> core.Batch:
    """What a step needs of the training image.

    Args:
      reals: it at every stage's size [1, h, w, c].
    """
    result = {"real": reals[self.index]}
    return result if self.distort is None else result | {"first_image": reals[0]}

  # How the stage begins.

  def init(
    self, key: jax.Array, previous: core.State | None, reals: Sequence[jax.Array]
  ) -> core.State:
    """The state before the first step.

    Args:
      key: of the stage.
      previous: the last state of the stage before, if there is one.
      reals: the image [1, h, w, c] at every stage's size.
    """
    keys = jax.random.split(key, 3)
    everything, discriminator = self._grown(keys[0], previous, reals)
    noise, amplitudes = self._fixed_noise(keys[1], previous, everything, reals)
    return self.create_state(keys[2], everything, discriminator, noise, amplitudes)

  def create_state(
    self,
    key: jax.Array,
    generator: Tree,
    discriminator: Tree,
    noise: Tree,
    amplitudes: jax.Array,
  ) -> core.State:
    """The state with fresh optimizers; generator weights are trained or frozen."""
    fixed = [noise[str(i)] for i in range(self.first)]
    prefix = self.grow(generator, None, fixed, amplitudes, 0) if fixed else {}
    frozen = {"head", *(f"body_{j}" for j in range(self.first))} if self.first else {}
    params = {
      "generator": {name: x for name, x in generator.items() if name not in frozen},
      "frozen": {name: x for name, x in generator.items() if name in frozen},
      "discriminator": discriminator,
    }
    extra = {"noise": noise, "amplitudes": amplitudes, "prefix": prefix}
    players = self.objective.discriminator, self.objective.generator
    return core.create_state(key, params, players, extra)

  def _grown(self, key, previous, reals) -> tuple[Tree, Tree]:
    """Both networks' weights: new ones, or those before with the last stage twice."""
    if previous is None:
      keys = jax.random.split(key)
      return (
        self.generator.init(keys[0], [reals[0]], self.sizes, jnp.ones(1))["params"],
        self.discriminator.init(keys[1], reals[0])["params"],
      )
    everything = merged(previous.params)
    copied = everything[f"body_{self.index - 1}"]
    return (
      everything | {f"body_{self.index}": copied},
      previous.params["discriminator"],
    )

  def _fixed_noise(self, key, previous, everything, reals) -> tuple[Tree, jax.Array]:
    """The reconstruction's noise of every stage, and all noise's amplitudes."""
    if previous is None:
      real = fixed = reals[0]
      if self.mode in ("animation", "editing"):
        fixed = jax.random.normal(key, real.shape)
      if self.mode == "editing":
        fixed = real + EDITING_NOISE * fixed
      return {"0": fixed}, jnp.ones(1)
    shape = self.generator.noise_shape(self.index, self.sizes[-1])
    noise = previous.extra["noise"] | {
      str(self.index): jax.random.normal(key, (1, *shape))
    }
    silent = jnp.append(previous.extra["amplitudes"], 0.0)
    fixed = [noise[str(i)] for i in range(self.index + 1)]
    image = self.generator.apply({"params": everything}, fixed, self.sizes, silent)
    error = jnp.mean(jnp.square(image - reals[self.index]))
    return noise, silent.at[-1].set(self.noise * jnp.sqrt(error))

  # A training step.

  def draw(self, key: jax.Array, batch: core.Batch) -> list[jax.Array]:
    """What every stage takes in: noise, or for stage 0 a distorted image."""
    keys = jax.random.split(key, self.index + 1)
    shapes = [self.generator.noise_shape(i, size) for i, size in enumerate(self.sizes)]
    normal = lambda key, shape: jax.random.normal(key, (1, *shape))
    later = [normal(*each) for each in zip(keys[1:], shapes[1:], strict=True)]
    if self.distort is None:
      return [normal(keys[0], shapes[0]), *later]
    image_key, noise_key = jax.random.split(keys[0])
    image = self.distort(image_key, batch["first_image"][0])[None]
    if self.mode == "editing":
      image += EDITING_NOISE * jax.random.normal(noise_key, image.shape)
    return [image, *later]

  def grow(
    self,
    params: Tree,
    x: jax.Array | None,
    noises: Sequence[jax.Array],
    amplitudes: jax.Array,
    first: int,
  ) -> jax.Array:
    """`Generator.grow` through the stages that there is noise for."""
    last = first + len(noises)
    return self.generator.apply(
      {"params": params},
      x,
      noises,
      self.sizes[first:last],
      amplitudes[first:last],
      first,
      method="grow",
    )

  def images(
    self, trained: Tree, state: core.State, noises: Sequence[jax.Array]
  ) -> jax.Array:
    """The image of some noise and the reconstruction [2, h, w, c].

    The derivative is with respect to `trained`, the weights that are not frozen.
    """
    extra, first = state.extra, self.first
    x = None
    if first:
      x = self.grow(
        state.params["frozen"], None, noises[:first], extra["amplitudes"], 0
      )
      x = jnp.concatenate([x, extra["prefix"]])
    both = [
      jnp.concatenate([noises[i], extra["noise"][str(i)]])
      for i in range(first, self.index + 1)
    ]
    x = self.grow(trained, x, both, extra["amplitudes"], first)
    return self.generator.apply({"params": trained}, x, method="finish")

  def critic(self, params: Tree, images: jax.Array) -> jax.Array:
    """Scores of patches."""
    return self.discriminator.apply({"params": params}, images)

  def update(
    self, state: core.State, batch: core.Batch
  ) -> tuple[core.State, core.Scalars]:
    """One step: the discriminator's updates, then the generator's.

    The generator's updates are Adam's steps with one and the same gradient.
    """
    num_critic = self.objective.discriminator.updates
    keys = jax.random.split(jax.random.fold_in(state.key, state.step))
    u = jax.random.uniform(keys[0], (num_critic,))
    noises, real = self.draw(keys[1], batch), batch["real"]
    images, pull_back = jax.vjp(
      lambda own: self.images(own, state, noises), state.params["generator"]
    )
    fake, reconstruction = images[:1], images[1:]
    state, scalars = self.objective.update_critic(
      state, self.critic, real, [fake] * num_critic, u
    )
    loss, slope = jax.value_and_grad(
      lambda x: adversarial.critic_generator(
        real, self.critic(state.params["discriminator"], x)
      )
    )(fake)
    error = reconstruction - real
    weight = self.objective.reconstruction
    (grads,) = pull_back(jnp.concatenate([slope, 2 * weight / error.size * error]))
    for _ in range(self.objective.generator.updates):
      state = core.apply_gradient(state, self.objective.generator, grads)
    return state.replace(step=state.step + 1), scalars | {
      "loss_generator": loss,
      "gradient_generator": optax.tree.norm(grads),
      "reconstruction": jnp.sqrt(jnp.mean(jnp.square(error))),
    }

  def reconstruct(self, state: core.State) -> jax.Array:
    """The reconstruction [1, h, w, c]."""
    noises = [state.extra["noise"][str(i)] for i in range(self.index + 1)]
    return self.images(state.params["generator"], state, noises)[1:]

  def render(self, state: core.State, batch: core.Batch) -> dict[str, jax.Array]:
    """Samples, always of the same noise, and the reconstruction beside the image."""

    def one(key):
      noises = self.draw(key, batch)
      return self.images(state.params["generator"], state, noises)

    keys = jax.random.split(jax.random.fold_in(state.key, RENDERING), SAMPLES)
    images = jax.lax.map(one, keys)
    return {
      "fake": images[:, 0],
      "reconstruction": jnp.concatenate([images[0, 1:], batch["real"]]),
    }


def merged(params: Mapping[str, Tree]) -> Tree:
  """All of the generator's weights, trained and frozen."""
  return params["generator"] | params.get("frozen", {})
