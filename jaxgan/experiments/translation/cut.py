"""CUT's losses and FastCUT's (Park et al., 2020): patches stay recognizable."""

from collections.abc import Iterator
import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
import ml_collections
import optax

from jaxgan.engine import core
from jaxgan.experiments.shared import players, unpaired
from jaxgan.experiments.translation.networks import Networks
from jaxgan.losses import adversarial, patch_nce
from jaxgan.nets import cyclegan
from jaxgan.ops import beside

Tree = core.Tree
IGNORED = 0.95  # The generator's adversarial loss is 1 where the discriminator has won.


@dataclasses.dataclass(frozen=True)
class CUT:
  """A generator of one direction with its heads, and a discriminator of B's images.

  Attributes:
    nets: the networks.
    heads: projects the features of patches.
    size: side of the windows in pixels.
    flip: whether windows are mirrored at random.
    gan: weight of the adversarial loss.
    nce: weight of PatchNCE, the mean over all taps.
    identity: whether B's own images are translated as well, and half of PatchNCE is of
      them.
    patches: of each tap, at most.
    mirror: FastCUT's change: half of the steps translate mirrored windows, whose
      features are compared with those of the windows as they were; not with `identity`.
  """

  DIRECTIONS: ClassVar[tuple[str, ...]] = ("ab",)
  SCALARS: ClassVar[tuple[str, ...]] = (
    "loss_discriminator",
    "loss_generator",
    "gan",
    "nce",
    *(f"gradient_{name}" for name in players.NAMES),
  )

  nets: Networks
  heads: cyclegan.Heads
  size: int
  flip: bool = True
  gan: float = 1.0
  nce: float = 1.0
  identity: bool = True
  patches: int = 256
  mirror: bool = False

  def players(self, optimizer: optax.GradientTransformation) -> list[core.Player]:
    """Discriminator and generator, which sees the updated discriminator."""
    return [core.Player(name, getattr(self, name), optimizer) for name in players.NAMES]

  def init(self, key: jax.Array) -> tuple[dict[str, Tree], dict[str, Tree]]:
    """Weights of both players, and nothing besides."""
    image, keys = jnp.zeros((1, self.size, self.size, 3)), jax.random.split(key, 3)
    net = self.nets.generator.init(keys[0], image)["params"]
    _, taps = self.nets.features(net, image)
    rows = {name: x.reshape(1, -1, x.shape[-1])[:, :1] for name, x in taps.items()}
    return {
      "discriminator": self.nets.discriminator.init(keys[1], image)["params"],
      "generator": {"net": net, "heads": self.heads.init(keys[2], rows)["params"]},
    }, {}

  def translators(self, params: dict[str, Tree]) -> dict[str, Tree]:
    """The generator's weights, by direction."""
    return {"ab": params["generator"]["net"]}

  def translate(self, net: Tree, batch: core.Batch, key: jax.Array):
    """The step's windows, their translations, and the features of what was translated.

    Both players call it alike, so that the compiled program computes it once.

    Returns:
      A's and B's windows; the translations of A's and, with `identity`, of B's; and
      {tap: features} of the same windows, both as `beside` joins them.
    """
    a, b = unpaired.images(batch, key, self.flip)
    given = jnp.where(self.turned(key), a[:, :, ::-1], a) if self.mirror else a
    given = beside.join(given, b) if self.identity else given
    return a, b, *self.nets.features(net, given)

  @property
  def sets(self) -> int:
    """How many sets of windows are translated."""
    return 2 if self.identity else 1

  def turned(self, key: jax.Array) -> jax.Array:
    """Whether the step translates mirrored windows of A."""
    return jax.random.bernoulli(jax.random.fold_in(key, 2)) & self.mirror

  def discriminator(self, params, state, batch, key):
    """The discriminator's loss; see `core.Player`."""
    _, b, translated, _ = self.translate(params["generator"]["net"], batch, key)
    fake = jax.lax.stop_gradient(beside.split(translated, self.sets)[0])
    value = adversarial.least_squares_discriminator(
      *self.nets.compare(params["discriminator"], b, fake)
    )
    return value, ({}, {"loss_discriminator": value})

  def generator(self, params, state, batch, key):
    """The loss of the generator and its heads."""
    own = params["generator"]
    a, _, translated, keys = self.translate(own["net"], batch, key)
    fake = beside.split(translated, self.sets)[0]
    logits = self.nets.judge(params["discriminator"], fake)
    # Without the half that `least_squares_generator` has.
    gan = 2 * adversarial.least_squares_generator(logits, logits)
    _, queries = self.nets.features(own["net"], translated)
    if self.mirror:
      _, keys = self.nets.features(own["net"], a)
      turned = self.turned(key)
      queries = {
        name: jnp.where(turned, x[:, :, ::-1], x) for name, x in queries.items()
      }
    part = lambda taps, i: {
      name: beside.split(x, self.sets)[i] for name, x in taps.items()
    }
    nce = (
      sum(
        self.compare(
          own["heads"], part(queries, i), part(keys, i), jax.random.fold_in(key, 3 + i)
        )
        for i in range(self.sets)
      )
      / self.sets
    )
    value = self.gan * gan + self.nce * nce
    return value, ({}, {"loss_generator": value, "gan": gan, "nce": nce})

  def compare(self, heads, queries, keys, key):
    """PatchNCE of two images' features at the same random places, over all taps."""

    def rows(features):
      return {
        name: x.reshape(len(x), -1, x.shape[-1])[:, places[name]]
        for name, x in features.items()
      }

    places = {}
    for i, name in enumerate(cyclegan.TAPS):
      count = queries[name].shape[1] * queries[name].shape[2]
      order = jax.random.permutation(jax.random.fold_in(key, i), count)
      places[name] = order[: self.patches]
    project = lambda features: self.heads.apply({"params": heads}, rows(features))
    queries, keys = project(queries), jax.lax.stop_gradient(project(keys))
    losses = [patch_nce.patch_nce(queries[name], keys[name]) for name in cyclegan.TAPS]
    return sum(losses) / len(losses)

  def remarks(self, before: dict[str, float], now: dict[str, float]) -> Iterator[str]:
    """A warning if the generator has ignored the discriminator twice in a row."""
    if before and min(before["gan"], now["gan"]) > IGNORED:
      yield (
        f"warning: the generator ignores the discriminator (gan above {IGNORED}, "
        "balanced 0.25): lower config.loss.nce"
      )


def create(config: ml_collections.ConfigDict, nets: Networks) -> CUT:
  """Reads `config.data`, `config.heads` and `config.loss`."""
  heads, data = cyclegan.Heads(**config.heads), config.data
  return CUT(nets, heads, data.size, data.flip, **config.loss)
