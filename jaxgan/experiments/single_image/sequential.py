"""A scale of SinGAN: networks of its own on top of frozen ones, and one training step.

Written for one image, with the interface of `concurrent.Trainer`. As in the paper the
reconstruction's noise is drawn once, and each of the generator's updates has a gradient
of its own; the published program differs in both (it needs a PyTorch before 1.5).
"""

from collections.abc import Sequence
import dataclasses

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.engine import core
from jaxgan.experiments.single_image.concurrent import RENDERING, SAMPLES
from jaxgan.experiments.single_image.networks import (
  Scales,
  Size,
  create_singan,
  enlarge,
  scale_variables,
)
from jaxgan.experiments.single_image.objective import Objective, create_objective
from jaxgan.losses import adversarial

Tree = core.Tree
MODES = ("generation", "animation")


def create_trainer(
  config: ml_collections.ConfigDict, sizes: Sequence[Size], channels: int
) -> "Trainer":
  """The trainer of the last of some scales; see `concurrent.create_trainer`."""
  return Trainer(
    len(sizes) - 1,
    tuple(sizes),
    create_singan(config, channels),
    create_objective(config),
    config.noise,
  )


@dataclasses.dataclass(frozen=True)
class Trainer:
  """Scale `index` for images of one shape.

  Attributes:
    index: of the scale, 0 the coarsest.
    sizes: (height, width) of the scales up to this one.
    scales: the networks.
    objective: losses and optimizers.
    noise: amplitude of this scale's noise, as a share of the reconstruction's error.
  """

  index: int
  sizes: tuple[Size, ...]
  scales: Scales
  objective: Objective
  noise: float

  def constants(self, reals: Sequence[jax.Array]) -> core.Batch:
    """See `concurrent.Trainer.constants`."""
    return {"real": reals[self.index]}

  def init(
    self, key: jax.Array, previous: core.State | None, reals: Sequence[jax.Array]
  ) -> core.State:
    """The state before the first step; see `concurrent.Trainer.init`."""
    keys = jax.random.split(key, 4)
    real = reals[self.index]
    if previous is None:
      frozen, noise = {}, {"0": self.scales.draw(keys[0], self.sizes)[0]}
      before, amplitudes = jnp.zeros_like(real), jnp.ones(1)
    else:
      frozen = finished(previous)
      shape = self.scales.noise_shape(self.sizes[-1])
      noise = previous.extra["noise"] | {str(self.index): jnp.zeros((1, *shape))}
      before = self._reconstruction_before(frozen, previous)
      error = jnp.sqrt(jnp.mean(jnp.square(before - real)))
      amplitudes = jnp.append(previous.extra["amplitudes"], self.noise * error)
    generator, discriminator = self._weights(
      keys[1:3], previous, frozen, noise[str(self.index)], before
    )
    params = {
      "generator": generator["params"],
      "discriminator": discriminator,
      "frozen": {name: tree["params"] for name, tree in frozen.items()},
    }
    extra = {
      "noise": noise,
      "amplitudes": amplitudes,
      "prefix": before,
      "batch_stats": generator["batch_stats"],
      "frozen_stats": {name: tree["batch_stats"] for name, tree in frozen.items()},
    }
    players = self.objective.discriminator, self.objective.generator
    return core.create_state(keys[3], params, players, extra)

  def _reconstruction_before(self, frozen, previous) -> jax.Array:
    """The reconstruction of the scales before at this one's size [1, h, w, c]."""
    noises = [previous.extra["noise"][str(i)] for i in range(self.index)]
    image = self.scales.chain(
      frozen, noises, self.sizes[:-1], previous.extra["amplitudes"]
    )
    return enlarge(image, self.sizes[-1])

  def _weights(self, keys, previous, frozen, noise, before) -> tuple[Tree, Tree]:
    """Weights and averages of both: those of the scale before if they fit, or new."""
    net, critic = (
      self.scales.generator(self.index),
      self.scales.discriminator(self.index),
    )
    if (
      previous is not None and net.width == self.scales.generator(self.index - 1).width
    ):
      return frozen[f"scale_{self.index - 1}"], previous.params["discriminator"]
    return (
      net.init(keys[0], noise, before, train=False),
      critic.init(keys[1], before, train=False)["params"],
    )

  def images_before(self, key: jax.Array, state: core.State, num: int) -> jax.Array:
    """Random images of the scale before at this one's size [num, h, w, c]."""
    if self.index == 0:
      return jnp.zeros((num, *self.sizes[0], self.scales.channels))
    image = self.scales.chain(
      scale_variables(state.params["frozen"], state.extra["frozen_stats"]),
      self.scales.draw(key, self.sizes[:-1], num),
      self.sizes[:-1],
      state.extra["amplitudes"],
    )
    return enlarge(image, self.sizes[-1])

  def images(
    self, own: Tree, state: core.State, noise: jax.Array, before: jax.Array
  ) -> tuple[jax.Array, Tree]:
    """This scale's images of noise [n, h, w, c] on images [n, h, w, c]; new averages.

    The images of a batch are normalized one by one.
    """
    image, new = self.scales.generator(self.index).apply(
      {"params": own, "batch_stats": state.extra["batch_stats"]},
      state.extra["amplitudes"][-1] * noise,
      before,
      train=True,
      mutable=["batch_stats"],
    )
    return image, new["batch_stats"]

  def critic(self, params: Tree, images: jax.Array) -> jax.Array:
    """Scores of patches; the running averages are never used."""
    return self.scales.discriminator(self.index).apply(
      {"params": params}, images, train=True, mutable=["batch_stats"]
    )[0]

  def update(
    self, state: core.State, batch: core.Batch
  ) -> tuple[core.State, core.Scalars]:
    """One step: the discriminator's updates, then the generator's.

    All updates share the noise of this scale. Each of the discriminator's has an image
    of the scales below of its own; the generator's have the last of them.
    """
    num_critic = self.objective.discriminator.updates
    keys = jax.random.split(jax.random.fold_in(state.key, state.step), 3)
    u = jax.random.uniform(keys[0], (num_critic,))
    before = self.images_before(keys[1], state, num_critic)
    noise = self.scales.draw(keys[2], self.sizes)[-1]
    fakes, stats = self.images(
      state.params["generator"], state, jnp.repeat(noise, num_critic, 0), before
    )
    state = state.replace(extra=state.extra | {"batch_stats": stats})
    state, scalars = self.objective.update_critic(
      state, self.critic, batch["real"], jnp.split(fakes, num_critic), u
    )
    state, own = self._update_generator(state, batch["real"], noise, before[-1:])
    return state.replace(step=state.step + 1), scalars | own

  def _update_generator(self, state, real, noise, before):
    """All updates of the generator in a step."""
    noise = jnp.concatenate([noise, state.extra["noise"][str(self.index)]])
    before = jnp.concatenate([before, state.extra["prefix"]])

    def loss(own, state):
      images, stats = self.images(own, state, noise, before)
      scores = self.critic(state.params["discriminator"], images[:1])
      adversarial_loss = adversarial.critic_generator(real, scores)
      error = jnp.mean(jnp.square(images[1:] - real))
      return adversarial_loss + self.objective.reconstruction * error, (
        stats,
        {"loss_generator": adversarial_loss, "reconstruction": jnp.sqrt(error)},
      )

    for _ in range(self.objective.generator.updates):
      grads, (stats, scalars) = jax.grad(loss, has_aux=True)(
        state.params["generator"], state
      )
      state = core.apply_gradient(state, self.objective.generator, grads)
      state = state.replace(extra=state.extra | {"batch_stats": stats})
    return state, scalars | {"gradient_generator": optax.tree.norm(grads)}

  def reconstruct(self, state: core.State) -> jax.Array:
    """The reconstruction [1, h, w, c]."""
    return self.images(
      state.params["generator"],
      state,
      state.extra["noise"][str(self.index)],
      state.extra["prefix"],
    )[0]

  def render(self, state: core.State, batch: core.Batch) -> dict[str, jax.Array]:
    """Samples, always of the same noise, and the reconstruction beside the image."""
    keys = jax.random.split(jax.random.fold_in(state.key, RENDERING))
    before = self.images_before(keys[0], state, SAMPLES)
    noise = self.scales.draw(keys[1], self.sizes, SAMPLES)[-1]
    fake, _ = self.images(state.params["generator"], state, noise, before)
    return {
      "fake": fake,
      "reconstruction": jnp.concatenate([self.reconstruct(state), batch["real"]]),
    }


def finished(state: core.State) -> dict[str, Tree]:
  """Variables of all generators, the one that was just trained included."""
  last = len(state.extra["noise"]) - 1
  return scale_variables(
    state.params["frozen"], state.extra["frozen_stats"]
  ) | scale_variables(
    {f"scale_{last}": state.params["generator"]},
    {f"scale_{last}": state.extra["batch_stats"]},
  )
