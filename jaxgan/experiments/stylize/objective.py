"""What the network learns by: content and style losses, a style for every image."""

from collections.abc import Mapping
import dataclasses
import re
from typing import Any

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np

from jaxgan.data import augment
from jaxgan.engine import core
from jaxgan.experiments.shared import style_weights
from jaxgan.experiments.shared.criterion import Criterion, create_criterion
from jaxgan.experiments.stylize.networks import create_network, merge
from jaxgan.nets import stylizer

Tree = Any
LOSSES = "losses"  # Entry of `State.extra`: running means by style.
DECAY = 0.95  # Share of a running mean that one more image of the style leaves.


@dataclasses.dataclass(frozen=True)
class Objective:
  """The loss of the one player.

  Attributes:
    net: the network.
    criterion: content and style losses of images.
    names: all styles.
    first: the first style that is trained; those before it were trained in another run.
    flip: whether photographs are mirrored at random.
  """

  net: stylizer.Stylizer
  criterion: Criterion
  names: tuple[str, ...]
  first: int = 0
  flip: bool = True

  @property
  def trained(self) -> dict[str, int]:
    """{name: label} of the styles that are trained."""
    return {self.names[i]: i for i in range(self.first, len(self.names))}

  def labels(self, key: jax.Array, count: int) -> jax.Array:
    """A style for each of the images: all in turn, from one drawn at random."""
    trained = len(self.names) - self.first
    start = jax.random.randint(key, (), 0, trained)
    return self.first + (start + jnp.arange(count)) % trained

  def __call__(
    self, params: dict[str, Tree], state: core.State, batch: core.Batch, key: jax.Array
  ):
    """The player's loss; `batch` holds images, and what `create_constants` makes."""
    keys = jax.random.split(key)
    images = augment.flip(keys[0], batch["image"]) if self.flip else batch["image"]
    images = images.astype(jnp.float32) / 255
    labels = self.labels(keys[1], len(images))
    losses = self.losses(params, images, labels, batch)
    value = sum(jnp.mean(x) for x in losses.values())
    running = update_sums(state.extra[LOSSES], losses, labels)
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
      constants: see `create_constants`.
    """
    targets = self.criterion.targets(constants["vgg"], images)
    outputs = self.net.apply({"params": merge(params)}, images, labels)
    grams = {layer: x[labels] for layer, x in constants["grams"].items()}
    losses = self.criterion.losses(constants["vgg"], outputs, targets, grams)
    factors = {f"style_{layer}": x for layer, x in constants["scales"].items()}
    return {
      name: x * factors[name][labels] if name in factors else x
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
    """{(term, style): "style_relu1_2_of_wave"}, fit for identifiers."""
    clean = [re.sub(r"\W", "_", f"of_{name}") for name in self.names]
    clean = [
      f"{name}_{i}" if clean.count(name) > 1 else name for i, name in enumerate(clean)
    ]
    return {
      (term, i): f"{term}_{clean[i]}"
      for i in self.trained.values()
      for term in self.criterion.terms
    }

  def init_extra(self) -> dict[str, Tree]:
    """Running means before the first image."""
    zeros = lambda: jnp.zeros(len(self.names))
    totals = {term: zeros() for term in self.criterion.terms}
    return {LOSSES: {"count": zeros(), "totals": totals}}


def create_objective(
  config: ml_collections.ConfigDict, names: tuple[str, ...], first: int = 0
) -> Objective:
  """The objective of a config for some styles, the first of which may be trained."""
  return Objective(
    create_network(config, len(names)),
    create_criterion(config.loss),
    names,
    first,
    config.data.flip,
  )


def update_sums(
  running: Tree, losses: Mapping[str, jax.Array], labels: jax.Array
) -> Tree:
  """Adds a batch to decaying sums; those of styles that are not in it stay.

  Args:
    running: {"count": [styles], "totals": {term: [styles]}}.
    losses: {term: [n]}.
    labels: int [n].
  """
  size = running["count"].size
  count = jnp.zeros(size).at[labels].add(1)
  kept = DECAY**count
  totals = {
    term: kept * running["totals"][term]
    + jnp.zeros(size).at[labels].add(jax.lax.stop_gradient(x))
    for term, x in losses.items()
  }
  return {"count": kept * running["count"] + count, "totals": totals}


def create_constants(
  config: ml_collections.ConfigDict,
  objective: Objective,
  paintings: Mapping[str, np.ndarray],
) -> dict[str, Tree]:
  """What the losses need besides weights and images; no step changes it.

  Args:
    config: of the run.
    objective: whose losses they are.
    paintings: uint8 [h, w, 3] of those of the objective's styles that are compared
      with; the others' rows are 0.

  Returns:
    VGG16's weights ("vgg"), targets {layer: [styles, c, c]} ("grams") and factors
    {layer: [styles]} ("scales") of the style losses.

  Raises:
    UserError: VGG16's weights cannot be read, or a coefficient is of no painting.
  """
  vgg = objective.criterion.load_vgg(config.vgg)
  grams = objective.criterion.grams(vgg, list(paintings.values()))
  coefficients = style_weights.parse(
    config.loss.coefficients, tuple(paintings), "config.loss.coefficients"
  )
  factors = np.array([coefficients.get(name, 1.0) for name in paintings], np.float32)
  labels = [objective.names.index(name) for name in paintings]

  def placed(rows):
    result = np.zeros((len(objective.names), *rows.shape[1:]), rows.dtype)
    result[labels] = rows
    return result

  return {
    "vgg": vgg,
    "grams": jax.tree.map(placed, grams),
    "scales": jax.tree.map(placed, scales(grams, factors, config.loss.balance)),
  }


def scales(
  grams: Mapping[str, np.ndarray], factors: np.ndarray, balance: bool
) -> dict[str, np.ndarray]:
  """Factors on each style's loss by layer, float32 {layer: [styles]}.

  Args:
    grams: targets {layer: [styles, c, c]}.
    factors: the user's own, float32 [styles].
    balance: divide by a style's mean squared Gram entry, relative to all styles' mean,
      so that styles of strong contrast do not drown the others.
  """
  result = {}
  for layer, matrices in grams.items():
    power = np.mean(np.square(matrices, dtype=np.float64), (1, 2))
    factor = power.mean() / power if balance else np.ones(len(power))
    result[layer] = (factors * factor).astype(np.float32)
  return result
