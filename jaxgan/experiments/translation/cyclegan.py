"""CycleGAN's losses (Zhu et al., 2017): both directions, whose results return."""

from collections.abc import Iterator
import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.engine import core
from jaxgan.experiments.shared import unpaired
from jaxgan.experiments.translation import pool
from jaxgan.experiments.translation.networks import Networks
from jaxgan.losses import adversarial
from jaxgan.ops import beside

Tree = core.Tree
PLAYER = "networks"


@dataclasses.dataclass(frozen=True)
class CycleGAN:
  """Generators "ab" and "ba", and discriminators "a" and "b" of each domain's images.

  All four take their steps from the same old weights, as the published code does. So
  they are one player: in its loss the discriminators' weights are constant where the
  generators' loss uses them, and the translations where the discriminators' does.
  Adam treats each weight by itself, so that this equals optimizers of their own.

  Attributes:
    nets: the networks.
    size: side of the windows in pixels.
    pool: translations of each direction that are kept.
    flip: whether windows are mirrored at random.
    cycle: weight of mean |ba(ab(a)) - a| + mean |ab(ba(b)) - b|.
    identity: weight of mean |ab(b) - b| + mean |ba(a) - a|, times `cycle`.
  """

  DIRECTIONS: ClassVar[tuple[str, ...]] = ("ab", "ba")
  SCALARS: ClassVar[tuple[str, ...]] = (
    "loss_generators",
    "loss_discriminators",
    "gan_ab",
    "gan_ba",
    "cycle",
    "identity",
    "gradient_networks",
  )

  nets: Networks
  size: int
  pool: int = 50
  flip: bool = True
  cycle: float = 10.0
  identity: float = 0.5

  def players(self, optimizer: optax.GradientTransformation) -> list[core.Player]:
    """The one player."""
    return [core.Player(PLAYER, self.loss, optimizer)]

  def init(self, key: jax.Array) -> tuple[dict[str, Tree], dict[str, Tree]]:
    """Weights of the player, and what is kept besides: the pools."""
    image, keys = jnp.zeros((1, self.size, self.size, 3)), jax.random.split(key, 4)
    kinds = {
      "ab": self.nets.generator,
      "ba": self.nets.generator,
      "a": self.nets.discriminator,
      "b": self.nets.discriminator,
    }
    networks = {
      name: net.init(key, image)["params"]
      for key, (name, net) in zip(keys, kinds.items(), strict=True)
    }
    pools = {name: pool.create(self.pool, self.size) for name in "ab"}
    return {PLAYER: networks}, {"pools": pools}

  def translators(self, params: dict[str, Tree]) -> dict[str, Tree]:
    """The generators' weights by direction."""
    return {name: params[PLAYER][name] for name in self.DIRECTIONS}

  def loss(self, params, state, batch, key):
    """The sum of both sides' losses; see `core.Player`."""
    own = params[PLAYER]
    a, b = unpaired.images(batch, key, self.flip)
    generators, fakes, scalars = self.generators(own, a, b)
    discriminators, pools = self.discriminators(own, a, b, fakes, state, key)
    return generators + discriminators, (
      {"pools": pools},
      {"loss_generators": generators, "loss_discriminators": discriminators, **scalars},
    )

  def generators(self, own, a, b):
    """The generators' loss, their translations {domain: images}, and its parts."""
    nets, fixed = self.nets, jax.lax.stop_gradient(own)
    fakes, gan, cycle, identity = {}, {}, 0.0, 0.0
    for there, back, source, target in (("ab", "ba", a, b), ("ba", "ab", b, a)):
      given = (source, target) if self.identity else (source,)
      translated = nets.translate(own[there], beside.join(*given))
      fake, *same = beside.split(translated, len(given))
      fakes[there[1]] = fake
      # Without the half that `least_squares_generator` has.
      logits = nets.judge(fixed[there[1]], fake)
      gan[f"gan_{there}"] = 2 * adversarial.least_squares_generator(logits, logits)
      cycle += jnp.mean(jnp.abs(nets.translate(own[back], fake) - source))
      for kept in same:
        identity += jnp.mean(jnp.abs(kept - target))
    value = sum(gan.values()) + self.cycle * (cycle + self.identity * identity)
    return value, fakes, {**gan, "cycle": cycle, "identity": identity}

  def discriminators(self, own, a, b, fakes, state, key):
    """The discriminators' loss, and the pools after the step."""
    value, pools = 0.0, {}
    for i, (name, real) in enumerate((("a", a), ("b", b))):
      fake = jax.lax.stop_gradient(fakes[name])
      chances = pool.draw(jax.random.fold_in(key, 2 + i), len(fake), self.pool)
      pools[name], shown = pool.exchange(state.extra["pools"][name], fake, *chances)
      value += adversarial.least_squares_discriminator(
        *self.nets.compare(own[name], real, shown)
      )
    return value, pools

  def remarks(self, before: dict[str, float], now: dict[str, float]) -> Iterator[str]:
    """None: its losses say little of its images."""
    return iter(())


def create(config: ml_collections.ConfigDict, nets: Networks) -> CycleGAN:
  """Reads `config.data`, `config.pool` and `config.loss`."""
  data = config.data
  return CycleGAN(nets, data.size, config.pool, data.flip, **config.loss)
