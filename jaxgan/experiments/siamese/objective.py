"""The losses of both players."""

from collections.abc import Iterator
import dataclasses

import jax
import jax.numpy as jnp
import ml_collections

from jaxgan.engine import core
from jaxgan.experiments.shared import unpaired
from jaxgan.experiments.siamese.networks import Networks
from jaxgan.losses import transformation
from jaxgan.metrics import seams
from jaxgan.nets.siamese import quadrants, translate_quadrants
from jaxgan.ops import beside

Tree = core.Tree
SCALARS = (
  "loss_discriminator",
  "loss_generator",
  "d1",
  "d2",
  "g1",
  "d1_of_balanced",
  "d2_of_balanced",
  "r_b",
  "r_ab",
  "cosine",
  "seam_ratio",
  "gradient_discriminator",
  "gradient_generator",
)


@dataclasses.dataclass(frozen=True)
class Objective:
  """The losses of both players; d1, d2 and g1 are the article's LossD1, LossD2, LossG1.

  Attributes:
    nets: the networks.
    combo: whether the discriminator gets joined windows, or single tiles.
    flip: whether windows are mirrored at random.
    margin: least norm of the vectors of translated images in the discriminator's loss.
    content: weight of the angles between transformation vectors, for both players.
    identity: weight of mean |B - G(B)|.
    separation: weight of keeping vectors of different sources at a distance...
    separation_margin: ...of this.
    magnitude: weight of the difference of transformation vectors, for both players.
  """

  nets: Networks
  combo: bool = True
  flip: bool = True
  margin: float = 2.0
  content: float = 10.0
  identity: float = 0.0
  separation: float = 0.0
  separation_margin: float = 2.0
  magnitude: float = 0.0

  @property
  def balanced(self) -> float:
    """d1 and d2 where the discriminator cannot tell; see `losses.transformation`."""
    return self.margin**2 / 4

  def translate(
    self, params: dict[str, Tree], state: core.State, images: jax.Array
  ) -> tuple[jax.Array, Tree]:
    """Windows as translated in training, and the generator's new statistics."""
    statistics = state.extra["generator"]
    return translate_quadrants(
      lambda tiles: self.nets.generator.apply(
        {"params": params["generator"], **statistics},
        tiles,
        train=True,
        mutable=list(statistics),
      ),
      images,
    )

  def vectors(
    self, params: dict[str, Tree], state: core.State, *images: jax.Array
  ) -> tuple[list[jax.Array], Tree]:
    """The discriminator's vectors of several sets of windows, and its new statistics.

    All sets go through in one call.
    """
    together = beside.join(*images)
    if not self.combo:
      together = quadrants(together)
    statistics = state.extra["discriminator"]
    vectors, statistics = self.nets.discriminator.apply(
      {"params": params["discriminator"], **statistics},
      together,
      mutable=list(statistics),
    )
    return beside.split(vectors, len(images), 1 if self.combo else 4), statistics

  def transformations(self, *vectors: jax.Array) -> list[jax.Array]:
    """Transformation vectors: differences of the vectors of different windows."""
    # Tiles are compared with the same quadrant of the next window.
    return [transformation.differences(v, 1 if self.combo else 4) for v in vectors]

  def content_loss(self, source: jax.Array, translated: jax.Array) -> jax.Array:
    """The weighted losses of transformation vectors, which both players lower."""
    value = self.content * transformation.travel(source, translated)
    if self.magnitude:
      value += self.magnitude * transformation.magnitude(source, translated)
    return value

  def discriminator(self, params, state, batch, key):
    """The discriminator's loss; see `core.Player`."""
    a, b = unpaired.images(batch, key, self.flip)
    ab, _ = self.translate(params, state, a)
    ab = jax.lax.stop_gradient(ab)
    (va, vab, vb), statistics = self.vectors(params, state, a, ab, b)
    source, translated = self.transformations(va, vab)
    d1, d2 = transformation.realness(vb), transformation.margin(vab, self.margin)
    value = d1 + d2 + self.content_loss(source, translated)
    if self.separation:
      value += self.separation * transformation.separation(
        source, self.separation_margin
      )
    return value, (
      {"discriminator": statistics},
      {
        "loss_discriminator": value,
        "d1": d1,
        "d2": d2,
        "d1_of_balanced": d1 / self.balanced,
        "d2_of_balanced": d2 / self.balanced,
        "r_b": transformation.norms(vb).mean(),
        "r_ab": transformation.norms(vab).mean(),
        "cosine": transformation.cosine(source, translated).mean(),
      },
    )

  def generator(self, params, state, batch, key):
    """The generator's loss; leaves the statistics of the discriminator."""
    a, b = unpaired.images(batch, key, self.flip)
    ab, statistics = self.translate(params, state, a)
    (va, vab), _ = self.vectors(params, state, a, ab)
    g1 = transformation.realness(vab)
    value = g1 + self.content_loss(*self.transformations(va, vab))
    if self.identity:
      again, _ = self.translate(params, state, b)
      value += self.identity * jnp.mean(jnp.abs(b - again))
    return value, (
      {"generator": statistics},
      {
        "loss_generator": value,
        "g1": g1,
        "seam_ratio": seams.seam_ratio(ab, self.nets.tile),
      },
    )

  def remarks(self, before: dict[str, float], now: dict[str, float]) -> Iterator[str]:
    """A warning if one player has been too strong twice in a row, and what to do."""
    warning = self._imbalance(now)
    if warning and before and warning == self._imbalance(before):
      yield warning

  def _imbalance(self, scalars: dict[str, float]) -> str:
    low, high = 0.05 * self.balanced, 3 * self.balanced
    if max(scalars["d1"], scalars["d2"]) < low:
      return (
        f"warning: the discriminator is too strong (d1 and d2 under {low:.2g}, "
        f"balanced {self.balanced:.2g}): lower its learning rate or "
        "config.updates_per_step.discriminator"
      )
    if scalars["g1"] < low and scalars["d2"] > high:
      return (
        f"warning: the generator is too strong (g1 under {low:.2g}, d2 over "
        f"{high:.2g}, balanced {self.balanced:.2g}): lower its learning rate or raise "
        "config.updates_per_step.discriminator"
      )
    return ""


def create_objective(config: ml_collections.ConfigDict, nets: Networks) -> Objective:
  """Reads `config.combo`, `config.data.flip` and `config.loss`."""
  return Objective(nets, config.combo, config.data.flip, **config.loss)
