"""What the network lowers: content and style losses, a style for every image."""

from collections.abc import Mapping, Sequence
import dataclasses
import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.data import augment
from jaxgan.engine import core
from jaxgan.experiments.shared import style_weights
from jaxgan.experiments.shared.criterion import Criterion
from jaxgan.experiments.stylize import networks
from jaxgan.nets import stylizer

Tree = Any
LOSSES = "losses"  # Entry of `State.extra`: running means by style.
MEMORY = 0.95  # Share of a running mean that one more image of the style leaves.


@dataclasses.dataclass(frozen=True, eq=False)  # Hashed by identity, for jit.
class Objective:
  """The loss of the one player.

  Attributes:
    net: the network.
    criterion: what is compared, and how.
    names: all styles.
    first: the first style that is trained; those before it were trained elsewhere.
    flip: whether photographs are mirrored at random.
  """

  net: stylizer.Stylizer
  criterion: Criterion
  names: tuple[str, ...]
  first: int = 0
  flip: bool = True

  @property
  def terms(self) -> tuple[str, ...]:
    """Names of the parts of the loss."""
    parts = (
      *(f"content_{layer}" for layer in self.criterion.content),
      *(f"style_{layer}" for layer in self.criterion.style),
    )
    return (*parts, "total_variation") if self.criterion.total_variation else parts

  def labels(self, key: jax.Array, count: int) -> jax.Array:
    """A style for each of the images: all in turn, from one drawn at random."""
    trained = len(self.names) - self.first
    start = jax.random.randint(key, (), 0, trained)
    return self.first + (start + jnp.arange(count)) % trained

  def __call__(
    self, params: dict[str, Tree], state: core.State, batch: core.Batch, key: jax.Array
  ):
    """The loss as a player's; `batch` holds images, VGG16 and each style's targets."""
    keys = jax.random.split(key)
    images = augment.flip(keys[0], batch["image"]) if self.flip else batch["image"]
    images = images.astype(jnp.float32) / 255
    labels = self.labels(keys[1], len(images))
    losses = self.losses(params, images, labels, batch)
    value = sum(jnp.mean(x) for x in losses.values())
    running = remember(state.extra[LOSSES], losses, labels)
    scalars = {"loss": value} | {name: jnp.mean(x) for name, x in losses.items()}
    return value, ({LOSSES: running}, scalars | self.by_style(running))

  def losses(
    self,
    params: dict[str, Tree],
    images: jax.Array,
    labels: jax.Array,
    constants: Mapping[str, Tree],
  ) -> dict[str, jax.Array]:
    """Each image's weighted losses, {term: [n]}.

    Args:
      params: of the state.
      images: RGB in [0, 1], [n, h, w, 3].
      labels: style of each image, int [n].
      constants: VGG16 ("vgg"), targets ("grams") and weights ("scales") of the styles.
    """
    targets = self.criterion.targets(constants["vgg"], images)
    pictures = self.net.apply({"params": networks.merge(params)}, images, labels)
    grams = {layer: x[labels] for layer, x in constants["grams"].items()}
    losses = self.criterion.losses(constants["vgg"], pictures, targets, grams)
    scales = {f"style_{layer}": x for layer, x in constants["scales"].items()}
    return {
      name: x * scales[name][labels] if name in scales else x
      for name, x in losses.items()
    }

  def by_style(self, running: Tree) -> dict[str, jax.Array]:
    """The running means of the trained styles as scalars."""
    means = {
      term: x / jnp.maximum(running["count"], 1e-6)
      for term, x in running["totals"].items()
    }
    return {
      scalar: means[term][style]
      for (term, style), scalar in self.scalar_names().items()
    }

  def scalar_names(self) -> dict[tuple[str, int], str]:
    """{(term, style): "wave_style_relu1_2"}, fit for identifiers."""
    clean = [re.sub(r"\W", "_", f"of_{name}") for name in self.names]
    clean = [
      f"{name}_{i}" if clean.count(name) > 1 else name for i, name in enumerate(clean)
    ]
    return {
      (term, i): f"{term}_{clean[i]}"
      for i in range(self.first, len(clean))
      for term in self.terms
    }

  def init_extra(self) -> dict[str, Tree]:
    """Running means of no image yet."""
    zeros = lambda: jnp.zeros(len(self.names))
    return {
      LOSSES: {"count": zeros(), "totals": {term: zeros() for term in self.terms}}
    }


def remember(running: Tree, losses: Mapping[str, jax.Array], labels: jax.Array) -> Tree:
  """Adds a batch to sums that forget, of those styles alone that it holds.

  Args:
    running: {"count": [styles], "totals": {term: [styles]}}.
    losses: {term: [n]}.
    labels: int [n].
  """
  size = running["count"].size
  seen = jnp.zeros(size).at[labels].add(1)
  kept = MEMORY**seen
  totals = {
    term: kept * running["totals"][term]
    + jnp.zeros(size).at[labels].add(jax.lax.stop_gradient(x))
    for term, x in losses.items()
  }
  return {"count": kept * running["count"] + seen, "totals": totals}


def scales(
  grams: Mapping[str, np.ndarray],
  names: Sequence[str],
  *,
  balance: bool,
  coefficients: str,
) -> dict[str, np.ndarray]:
  """Factors on each style's loss by layer, {layer: [styles]}.

  Args:
    grams: targets {layer: [styles, c, c]}.
    names: the styles.
    balance: divide by a style's mean squared Gram entry, relative to all styles' mean,
      so that styles of strong contrast do not drown the others.
    coefficients: the user's own factors, such as "wave:2,shipwreck:0.5".
  """
  chosen = style_weights.parse(coefficients, names, "config.loss.coefficients")
  own = np.array([chosen.get(name, 1.0) for name in names], np.float32)
  result = {}
  for layer, matrices in grams.items():
    power = np.mean(np.square(matrices, dtype=np.float64), (1, 2))
    factor = power.mean() / power if balance else np.ones(len(power))
    result[layer] = (own * factor).astype(np.float32)
  return result
