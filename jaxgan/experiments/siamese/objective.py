"""What both players want."""

from collections.abc import Iterator
import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import ml_collections

from jaxgan.data import augment
from jaxgan.engine import core
from jaxgan.errors import UserError
from jaxgan.experiments.siamese.networks import Networks
from jaxgan.losses import transformation as losses
from jaxgan.metrics import seams
from jaxgan.nets import siamese as nets_lib

Tree = Any


@dataclasses.dataclass(frozen=True)
class Objective:
  """Both players' losses.

  Attributes:
    nets: the networks.
    combo: whether the discriminator sees joined windows, or the tiles apart.
    flip: whether windows are mirrored at random.
    margin: the norm that the discriminator wants of translated images.
    content: weight of the angles between transformation vectors, for both players.
    identity: weight of mean |B - G(B)|.
    apart: weight of keeping vectors of different sources apart, by `least`.
    magnitude: weight of the gap between transformation vectors, for both players.
  """

  nets: Networks
  combo: bool = True
  flip: bool = True
  margin: float = 2.0
  content: float = 10.0
  identity: float = 0.0
  apart: float = 0.0
  least: float = 2.0
  magnitude: float = 0.0

  def windows(self, batch: core.Batch, key: jax.Array) -> list[jax.Array]:
    """Both domains' windows, mirrored, in [-1, 1]."""
    images = [batch[name] for name in "ab"]
    if self.flip:
      images = [
        augment.flip(jax.random.fold_in(key, i), x) for i, x in enumerate(images)
      ]
    return [x.astype(jnp.float32) / 127.5 - 1 for x in images]

  def translate(
    self, params: dict[str, Tree], state: core.State, images: jax.Array
  ) -> tuple[jax.Array, Tree]:
    """Windows translated in training, and the generator's new statistics."""
    statistics = state.extra["generator"]
    return nets_lib.translate_quadrants(
      lambda tiles: self.nets.generator.apply(
        {"params": params["generator"], **statistics},
        tiles,
        train=True,
        mutable=list(statistics),
      ),
      images,
    )

  def judge(
    self, params: dict[str, Tree], state: core.State, *images: jax.Array
  ) -> tuple[list[jax.Array], Tree]:
    """Vectors of each set of windows, in one call, and new statistics."""
    together = jnp.concatenate(images)
    if not self.combo:
      together = nets_lib.quadrants(together)
    statistics = state.extra["discriminator"]
    vectors, statistics = self.nets.discriminator.apply(
      {"params": params["discriminator"], **statistics},
      together,
      mutable=list(statistics),
    )
    return jnp.split(vectors, len(images)), statistics

  def travels(self, *vectors: jax.Array) -> list[jax.Array]:
    """Differences of the vectors of different windows."""
    # Tiles are compared with the same quadrant of the next window.
    return [losses.differences(v, 1 if self.combo else 4) for v in vectors]

  def kept(self, source: jax.Array, translated: jax.Array) -> jax.Array:
    """The weighted losses of content, which both players lower."""
    value = self.content * losses.travel(source, translated)
    if self.magnitude:
      value += self.magnitude * losses.magnitude(source, translated)
    return value

  def discriminator(self, params, state, batch, key):
    """The discriminator's loss as a player's."""
    a, b = self.windows(batch, key)
    ab, _ = self.translate(params, state, a)
    ab = jax.lax.stop_gradient(ab)
    (va, vab, vb), statistics = self.judge(params, state, a, ab, b)
    source, translated = self.travels(va, vab)
    d1, d2 = losses.realness(vb), losses.margin(vab, self.margin)
    value = d1 + d2 + self.kept(source, translated)
    if self.apart:
      value += self.apart * losses.apart(source, self.least)
    balanced = self.margin**2 / 4
    return value, (
      {"discriminator": statistics},
      {
        "loss_discriminator": value,
        "d1": d1,
        "d2": d2,
        "d1_of_balanced": d1 / balanced,
        "d2_of_balanced": d2 / balanced,
        "r_b": losses.norms(vb).mean(),
        "r_ab": losses.norms(vab).mean(),
        "cosine": losses.cosine(source, translated).mean(),
      },
    )

  def generator(self, params, state, batch, key):
    """The generator's loss as a player's; leaves the discriminator's statistics."""
    a, b = self.windows(batch, key)
    ab, statistics = self.translate(params, state, a)
    (va, vab), _ = self.judge(params, state, a, ab)
    g1 = losses.realness(vab)
    value = g1 + self.kept(*self.travels(va, vab))
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
    """A warning when one player has won, twice in a row, and what to do."""
    warning = self._warning(now)
    if warning and before and warning == self._warning(before):
      yield warning

  def _warning(self, scalars: dict[str, float]) -> str:
    balanced = self.margin**2 / 4
    if max(scalars["d1"], scalars["d2"]) < 0.05 * balanced:
      return (
        f"warning: the discriminator has won (d1 and d2 under {0.05 * balanced:.2g}, "
        f"balanced {balanced:.2g}): lower its learning rate or config.n_critic"
      )
    if scalars["g1"] < 0.05 * balanced and scalars["d2"] > 3 * balanced:
      return (
        f"warning: the generator has won (g1 under {0.05 * balanced:.2g}, d2 over "
        f"{3 * balanced:.2g}, balanced {balanced:.2g}): lower its learning rate "
        "or raise config.n_critic"
      )
    return ""


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


def objective(config: ml_collections.ConfigDict, nets: Networks) -> Objective:
  """Reads `config.loss`.

  Raises:
    UserError: a margin or weight that makes no sense.
  """
  loss = dict(config.loss)
  for name in ("margin", "least"):
    if loss[name] <= 0:
      raise UserError(f"config.loss.{name} = {loss[name]} must be over 0.")
  for name, weight in loss.items():
    if weight < 0:
      raise UserError(f"config.loss.{name} = {weight} must not be under 0.")
  if config.data.batch_size < 2:
    raise UserError(
      f"config.data.batch_size = {config.data.batch_size}: pictures are "
      "compared in pairs: make it 2 or more."
    )
  if config.n_critic < 1:
    raise UserError(f"config.n_critic = {config.n_critic} must be 1 or more.")
  return Objective(nets, config.combo, config.data.flip, **loss)
