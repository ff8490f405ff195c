"""A scale of SinGAN: independent networks on top of the frozen ones, and an iteration.

Written for one image, with the interface of `consingan.Trainer`. As in the paper the
reconstruction's noise is drawn once, and each of the generator's moves has a gradient
of its own; the published program differs in both (it needs a PyTorch before 1.5).
"""

from collections.abc import Mapping, Sequence
import dataclasses

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.engine import core
from jaxgan.experiments.single_image import objective, pyramid
from jaxgan.nets import singan

Tree = core.Tree
Size = pyramid.Size
MODES = ("generation", "animation")
SAMPLES = 4
PICTURE = 2**31 - 1


def generator(
  config: ml_collections.ConfigDict, channels: int, scale: int
) -> singan.Generator:
  """The generator of a scale."""
  return singan.Generator(
    singan.width(scale, base=config.features), channels, config.slope
  )


def enlarge(x: jax.Array, size: Size) -> jax.Array:
  """Images [n, h, w, c] by the pyramid's cubic to [n, *size, c], in [-1, 1]."""
  if x.shape[1:3] == tuple(size):
    return x
  down, across = (
    jnp.asarray(pyramid.matrix(length, out, out / length), jnp.float32)
    for length, out in zip(x.shape[1:3], size, strict=True)
  )
  x = jnp.einsum("hH,nHWc->nhWc", down, x)
  return jnp.clip(jnp.einsum("wW,nhWc->nhwc", across, x), -1, 1)


def noise_shape(
  config: ml_collections.ConfigDict, channels: int, size: Size
) -> tuple[int, int, int]:
  """Shape of one image's noise: for animation it covers the nets' border as well."""
  border = 2 * singan.BORDER if config.mode == "animation" else 0
  return size[0] + border, size[1] + border, channels


def draw(
  key: jax.Array, shapes: Sequence[tuple[int, int, int]], num: int = 1
) -> list[jax.Array]:
  """Noise of every scale; the coarsest has one value for all channels."""
  keys = jax.random.split(key, len(shapes))
  noises = [
    jax.random.normal(key, (num, *shape[:2], shape[2] if i else 1))
    for i, (key, shape) in enumerate(zip(keys, shapes, strict=True))
  ]
  return [jnp.broadcast_to(noises[0], (num, *shapes[0])), *noises[1:]]


def chain(
  config: ml_collections.ConfigDict,
  frozen: Mapping[str, Tree],
  noises: Sequence[jax.Array],
  sizes: Sequence[Size],
  amplitudes: jax.Array,
  image: jax.Array | None = None,
  first: int = 0,
) -> jax.Array | None:
  """The image after finished scales, normalized by running averages; None before any.

  Args:
    config: the run's.
    frozen: variables of each scale's generator, by "scale_i".
    noises: of the scales from `first` on, as many as shall run.
    sizes: of these scales.
    amplitudes: of these scales.
    image: of the scale before `first`, of any size.
    first: number of the first of these scales.
  """
  for i, (noise, size) in enumerate(zip(noises, sizes, strict=True)):
    before = (
      jnp.zeros((len(noise), *size, noise.shape[-1]))
      if image is None
      else enlarge(image, size)
    )
    net = generator(config, noise.shape[-1], first + i)
    image = net.apply(
      frozen[f"scale_{first + i}"], amplitudes[i] * noise, before, train=False
    )
  return image


@dataclasses.dataclass(frozen=True)
class Trainer:
  """Scale `index` for images of one shape; see `consingan.Trainer`."""

  config: ml_collections.ConfigDict
  index: int
  sizes: tuple[Size, ...]
  channels: int

  @property
  def generator(self) -> singan.Generator:
    return generator(self.config, self.channels, self.index)

  @property
  def discriminator(self) -> singan.Discriminator:
    return singan.Discriminator(self.generator.width, self.config.slope)

  def players(self) -> tuple[core.Player, core.Player]:
    """The discriminator and the generator."""
    return (
      objective.player(self.config, "discriminator"),
      objective.player(self.config, "generator"),
    )

  def shapes(self) -> list[tuple[int, int, int]]:
    """Shapes of the noise of all scales so far."""
    return [noise_shape(self.config, self.channels, size) for size in self.sizes]

  def init(
    self, key: jax.Array, previous: core.State | None, reals: Mapping[str, jax.Array]
  ) -> core.State:
    """The state before the first iteration; see `consingan.Trainer.init`."""
    keys = jax.random.split(key, 4)
    real = reals[str(self.index)]
    shapes = self.shapes()
    if previous is None:
      frozen, noise = {}, {"0": draw(keys[0], shapes)[0]}
      before, amplitudes = jnp.zeros_like(real), jnp.ones(1)
    else:
      frozen = finished(previous)
      noise = previous.extra["noise"] | {str(self.index): jnp.zeros((1, *shapes[-1]))}
      fixed = [noise[str(i)] for i in range(self.index)]
      before = enlarge(
        chain(
          self.config, frozen, fixed, self.sizes[:-1], previous.extra["amplitudes"]
        ),
        self.sizes[-1],
      )
      error = jnp.sqrt(jnp.mean(jnp.square(before - real)))
      amplitudes = jnp.append(previous.extra["amplitudes"], self.config.noise * error)
    made = self.generator.init(keys[1], noise[str(self.index)], before, train=False)
    judge = self.discriminator.init(keys[2], real, train=False)["params"]
    below = generator(self.config, self.channels, max(self.index - 1, 0))
    if previous is not None and self.generator.width == below.width:
      made = frozen[f"scale_{self.index - 1}"]
      judge = previous.params["discriminator"]
    params = {
      "generator": made["params"],
      "discriminator": judge,
      "frozen": {name: tree["params"] for name, tree in frozen.items()},
    }
    extra = {
      "noise": noise,
      "amplitudes": amplitudes,
      "real": dict(reals),
      "prefix": before,
      "batch_stats": made["batch_stats"],
      "frozen_stats": {name: tree["batch_stats"] for name, tree in frozen.items()},
    }
    return core.create_state(keys[3], params, self.players(), extra)

  def previous_images(self, key: jax.Array, state: core.State, num: int) -> jax.Array:
    """Random images of the scale before at this one's size [num, h, w, c]."""
    if self.index == 0:
      return jnp.zeros((num, *self.sizes[0], self.channels))
    noises = draw(key, self.shapes()[:-1], num)
    image = chain(
      self.config,
      frozen_variables(state),
      noises,
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
    image, new = self.generator.apply(
      {"params": own, "batch_stats": state.extra["batch_stats"]},
      state.extra["amplitudes"][-1] * noise,
      before,
      train=True,
      mutable=["batch_stats"],
    )
    return image, new["batch_stats"]

  def judge(self, own: Tree, x: jax.Array) -> jax.Array:
    """Scores of patches; the running averages are never used."""
    return self.discriminator.apply(
      {"params": own}, x, train=True, mutable=["batch_stats"]
    )[0]

  def update(self, state: core.State) -> tuple[core.State, core.Scalars]:
    """One iteration: the discriminator's moves, then the generator's.

    All moves share the noise of this scale. Each of the discriminator's has an image of
    the scales below of its own; the generator's have the last of them.
    """
    critic, maker = self.players()
    keys = jax.random.split(jax.random.fold_in(state.key, state.step), 3)
    u = jax.random.uniform(keys[0], (critic.updates,))
    real = state.extra["real"][str(self.index)]
    before = self.previous_images(keys[1], state, critic.updates)
    noise = draw(keys[2], self.shapes())[-1]
    fakes, stats = self.images(
      state.params["generator"], state, jnp.repeat(noise, critic.updates, 0), before
    )
    state = state.replace(extra=state.extra | {"batch_stats": stats})
    state, scalars = objective.move_critic(
      state,
      critic,
      lambda own, move: objective.critic_loss(
        self.judge,
        own,
        real,
        fakes[move : move + 1],
        u[move],
        self.config.gradient_penalty,
      ),
    )
    pair = (
      jnp.concatenate([noise, state.extra["noise"][str(self.index)]]),
      jnp.concatenate([before[-1:], state.extra["prefix"]]),
    )

    def loss(own):
      images, stats = self.images(own, state, *pair)
      adversarial = -jnp.mean(self.judge(state.params["discriminator"], images[:1]))
      error = jnp.mean(jnp.square(images[1:] - real))
      return adversarial + self.config.reconstruction * error, (
        stats,
        {"loss_generator": adversarial, "reconstruction": jnp.sqrt(error)},
      )

    for _ in range(maker.updates):
      grads, (stats, seen) = jax.grad(loss, has_aux=True)(state.params["generator"])
      state = core.apply_gradient(state, maker, grads)
      state = state.replace(extra=state.extra | {"batch_stats": stats})
    seen["gradient_generator"] = optax.tree.norm(grads)
    return state.replace(step=state.step + 1), scalars | seen

  def reconstruct(self, state: core.State) -> jax.Array:
    """The reconstruction [1, h, w, c]."""
    return self.images(
      state.params["generator"],
      state,
      state.extra["noise"][str(self.index)],
      state.extra["prefix"],
    )[0]

  def render(self, state: core.State) -> dict[str, jax.Array]:
    """Some samples, always of the same noise, and the reconstruction by the image."""
    keys = jax.random.split(jax.random.fold_in(state.key, PICTURE))
    before = self.previous_images(keys[0], state, SAMPLES)
    noise = draw(keys[1], self.shapes(), SAMPLES)[-1]
    fake, _ = self.images(state.params["generator"], state, noise, before)
    real = state.extra["real"][str(self.index)]
    return {
      "fake": fake,
      "reconstruction": jnp.concatenate([self.reconstruct(state), real]),
    }


def frozen_variables(state: core.State) -> dict[str, Tree]:
  """Variables of the finished scales' generators."""
  return variables(state.params["frozen"], state.extra["frozen_stats"])


def variables(params: Mapping[str, Tree], stats: Mapping[str, Tree]) -> dict[str, Tree]:
  """Weights and running averages of each scale in one tree."""
  return {
    name: {"params": tree, "batch_stats": stats[name]} for name, tree in params.items()
  }


def finished(state: core.State) -> dict[str, Tree]:
  """Variables of all generators, the one that was just trained included."""
  own = {"params": state.params["generator"], "batch_stats": state.extra["batch_stats"]}
  last = len(state.extra["noise"]) - 1
  return frozen_variables(state) | {f"scale_{last}": own}
