"""A stage of ConSinGAN: how it grows out of the stage before, and one iteration.

Written for one image; `many` maps it over several. The computation is the published
one, arranged so that nothing is computed twice: the fake image of an iteration is drawn
once for all moves, frozen stages are left out of the gradient, and where they make the
reconstruction, which always begins with the same noise, they run once a stage.
"""

from collections.abc import Callable, Mapping, Sequence
import dataclasses

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.engine import core
from jaxgan.errors import UserError, nearest
from jaxgan.experiments.single_image import objective
from jaxgan.nets import consingan

Tree = core.Tree
Size = consingan.Size
FROM_IMAGES = ("harmonization", "editing")  # Stage 0 learns from images, not noise.
MODES = ("generation", "retarget", "animation", *FROM_IMAGES)
EDITING_NOISE = 0.1  # Standard deviation on the image that editing begins with.
SAMPLES = 4  # In a picture of the training.
PICTURE = 2**31 - 1  # Draws the pictures' noise; no step comes so far.


def networks(
  config: ml_collections.ConfigDict, channels: int, num_stages: int
) -> tuple[consingan.Generator, consingan.Discriminator]:
  """Both networks as they are once there are `num_stages` stages.

  Raises:
    UserError: for an activation or a mode that does not exist.
  """
  for name, known in (("activation", consingan.ACTIVATIONS), ("mode", MODES)):
    if config[name] not in known:
      raise UserError(
        f"config.{name} = {config[name]!r} is not known: {nearest(config[name], known)}"
      )
  style = dict(
    features=config.features, activation=config.activation, slope=config.slope
  )
  padded = config.mode in ("generation", "animation")
  return (
    consingan.Generator(
      num_stages, channels, norm=config.batch_norm, padded_noise=padded, **style
    ),
    consingan.Discriminator(**style),
  )


def factors(config: ml_collections.ConfigDict, index: int) -> dict[str, float]:
  """What of the generator stage `index` trains, and at which share of the rate."""
  first = max(0, index + 1 - config.train_depth)
  result = {
    f"body_{j}": config.lr_scale ** (index - j) for j in range(first, index + 1)
  }
  if first == 0:
    result["head"] = config.lr_scale**index
  return result | {"tail": 1.0}


@dataclasses.dataclass(frozen=True)
class Trainer:
  """Stage `index` for images of one shape.

  Attributes:
    config: the run's.
    index: of the stage, counted from 0.
    sizes: (height, width) of the stages up to this one.
    channels: of the image.
    first_image: `(key, state) -> image [1, h, w, c]`, what stage 0 begins with; None
      for noise.
  """

  config: ml_collections.ConfigDict
  index: int
  sizes: tuple[Size, ...]
  channels: int
  first_image: Callable[[jax.Array, core.State], jax.Array] | None = None

  def __post_init__(self):
    if self.config.train_depth < 1:
      raise UserError(
        f"config.train_depth = {self.config.train_depth} trains nothing: use 1 or more."
      )

  @property
  def generator(self) -> consingan.Generator:
    return networks(self.config, self.channels, self.index + 1)[0]

  @property
  def discriminator(self) -> consingan.Discriminator:
    return networks(self.config, self.channels, self.index + 1)[1]

  @property
  def first(self) -> int:
    """The first stage that is trained."""
    return max(0, self.index + 1 - self.config.train_depth)

  def players(self) -> tuple[core.Player, core.Player]:
    """The discriminator and the generator."""
    return (
      objective.player(self.config, "discriminator"),
      objective.player(self.config, "generator", factors(self.config, self.index)),
    )

  # How the stage begins.

  def init(
    self, key: jax.Array, previous: core.State | None, reals: Mapping[str, jax.Array]
  ) -> core.State:
    """The state before the first iteration.

    Args:
      key: of the stage.
      previous: the last state of the stage before, if there is one.
      reals: the image [1, h, w, c] at every stage's size, by the stage's number.
    """
    keys = jax.random.split(key, 3)
    everything, discriminator = self._grown(keys[0], previous, reals)
    noise, amplitudes = self._noise(keys[1], previous, everything, reals)
    fixed = [noise[str(i)] for i in range(self.first)]
    prefix = self.grow(everything, None, fixed, amplitudes, 0) if fixed else {}
    trained = factors(self.config, self.index)
    params = {
      "generator": {name: everything[name] for name in trained},
      "frozen": {
        name: tree for name, tree in everything.items() if name not in trained
      },
      "discriminator": discriminator,
    }
    extra = {
      "noise": noise,
      "amplitudes": amplitudes,
      "real": dict(reals),
      "prefix": prefix,
    }
    return core.create_state(keys[2], params, self.players(), extra)

  def _grown(self, key, previous, reals) -> tuple[Tree, Tree]:
    """Both networks' weights: new ones, or those before with the last stage twice."""
    if previous is None:
      keys = jax.random.split(key)
      real = reals["0"]
      return (
        self.generator.init(keys[0], [real], self.sizes, jnp.ones(1))["params"],
        self.discriminator.init(keys[1], real)["params"],
      )
    everything = merged(previous.params)
    copied = everything[f"body_{self.index - 1}"]
    return (
      everything | {f"body_{self.index}": copied},
      previous.params["discriminator"],
    )

  def _noise(self, key, previous, everything, reals) -> tuple[Tree, jax.Array]:
    """The reconstruction's noise of every stage, and all noise's amplitudes."""
    if previous is None:
      real, mode = reals["0"], self.config.mode
      fixed = real
      if mode in ("animation", "editing"):
        fixed = jax.random.normal(key, real.shape)
      if mode == "editing":
        fixed = real + EDITING_NOISE * fixed
      return {"0": fixed}, jnp.ones(1)
    shape = self.generator.noise_shape(self.index, self.sizes[-1])
    noise = previous.extra["noise"] | {
      str(self.index): jax.random.normal(key, (1, *shape))
    }
    silent = jnp.append(previous.extra["amplitudes"], 0.0)
    fixed = [noise[str(i)] for i in range(self.index + 1)]
    image = self.generator.apply({"params": everything}, fixed, self.sizes, silent)
    error = jnp.mean(jnp.square(image - reals[str(self.index)]))
    return noise, silent.at[-1].set(self.config.noise * jnp.sqrt(error))

  # An iteration.

  def draw(self, key: jax.Array, state: core.State) -> list[jax.Array]:
    """What every stage begins with: noise, or for stage 0 an augmented image."""
    keys = jax.random.split(key, self.index + 1)
    shapes = [self.generator.noise_shape(i, size) for i, size in enumerate(self.sizes)]
    if self.first_image is None:
      return [
        jax.random.normal(key, (1, *shape))
        for key, shape in zip(keys, shapes, strict=True)
      ]
    image_key, noise_key = jax.random.split(keys[0])
    image = self.first_image(image_key, state)
    if self.config.mode == "editing":
      image += EDITING_NOISE * jax.random.normal(noise_key, image.shape)
    return [
      image,
      *(
        jax.random.normal(key, (1, *shape))
        for key, shape in zip(keys[1:], shapes[1:], strict=True)
      ),
    ]

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

    The derivative is with respect to `trained`, the part of the weights that moves.
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

  def update(self, state: core.State) -> tuple[core.State, core.Scalars]:
    """One iteration: the discriminator's moves, then the generator's.

    The generator's moves are Adam's steps with one and the same gradient.
    """
    critic, maker = self.players()
    keys = jax.random.split(jax.random.fold_in(state.key, state.step))
    u = jax.random.uniform(keys[0], (critic.updates,))
    noises = self.draw(keys[1], state)
    real = state.extra["real"][str(self.index)]
    images, pull_back = jax.vjp(
      lambda own: self.images(own, state, noises), state.params["generator"]
    )
    fake, reconstruction = images[:1], images[1:]
    judge = lambda own, x: self.discriminator.apply({"params": own}, x)
    state, scalars = objective.move_critic(
      state,
      critic,
      lambda own, move: objective.critic_loss(
        judge, own, real, fake, u[move], self.config.gradient_penalty
      ),
    )
    adversarial, slope = jax.value_and_grad(
      lambda x: -jnp.mean(judge(state.params["discriminator"], x))
    )(fake)
    error = reconstruction - real
    weight = self.config.reconstruction
    (grads,) = pull_back(jnp.concatenate([slope, 2 * weight / error.size * error]))
    for _ in range(maker.updates):
      state = core.apply_gradient(state, maker, grads)
    return state.replace(step=state.step + 1), scalars | {
      "loss_generator": adversarial,
      "gradient_generator": optax.tree.norm(grads),
      "reconstruction": jnp.sqrt(jnp.mean(jnp.square(error))),
    }

  def reconstruct(self, state: core.State) -> jax.Array:
    """The reconstruction [1, h, w, c]."""
    noises = [state.extra["noise"][str(i)] for i in range(self.index + 1)]
    return self.images(state.params["generator"], state, noises)[1:]

  def render(self, state: core.State) -> dict[str, jax.Array]:
    """Some samples, always of the same noise, and the reconstruction by the image."""

    def one(key):
      noises = self.draw(key, state)
      return self.images(state.params["generator"], state, noises)

    keys = jax.random.split(jax.random.fold_in(state.key, PICTURE), SAMPLES)
    images = jax.lax.map(one, keys)
    real = state.extra["real"][str(self.index)]
    return {
      "fake": images[:, 0],
      "reconstruction": jnp.concatenate([images[0, 1:], real]),
    }


def merged(params: Mapping[str, Tree]) -> Tree:
  """All of the generator's weights, trained and frozen."""
  return params["generator"] | params.get("frozen", {})
