"""What the pixels are optimized for: a photograph's content, and paintings' style."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import ml_collections
import numpy as np

from jaxgan.engine import core
from jaxgan.experiments.shared import style_weights, styles
from jaxgan.experiments.shared.criterion import Criterion

PICTURE = "picture"  # The player, whose weights are {"pixels": [1, h, w, 3]}.


@dataclasses.dataclass(frozen=True)
class Objective:
  """The loss of the pixels, as a player's.

  Attributes:
    criterion: content and style losses of images.
  """

  criterion: Criterion

  def __call__(
    self, params: dict[str, Any], state: core.State, batch: core.Batch, key: jax.Array
  ):
    """The player's loss; `batch` holds what `create_constants` makes."""
    del state, key  # Nothing is random.
    losses = {
      name: jnp.mean(x)
      for name, x in self.losses(params[PICTURE]["pixels"], batch).items()
    }
    value = sum(losses.values())
    return value, ({}, {"loss": value} | losses)

  def losses(self, pixels: jax.Array, constants: core.Batch) -> dict[str, jax.Array]:
    """Weighted losses of the pixels [1, h, w, 3] in [0, 1], {term: [1]}."""
    return self.criterion.losses(
      constants["vgg"], pixels, constants["targets"], constants["grams"]
    )


def create_constants(
  config: ml_collections.ConfigDict, criterion: Criterion, photo: np.ndarray
) -> dict[str, Any]:
  """What the losses need besides the pixels; no step changes it.

  Args:
    config: of the run.
    criterion: whose losses they are.
    photo: uint8 [h, w, 3].

  Returns:
    VGG16's weights ("vgg"), the photograph's activations ("targets") and the mixture's
    Gram matrices ("grams").

  Raises:
    UserError: no style, an unknown one, or weights that sum to zero.
  """
  paintings = styles.load(config.data.styles, size=config.data.style_size)
  weights = style_weights.weights(config.style, tuple(paintings), option="config.style")
  vgg = criterion.load_vgg(config.vgg)
  grams = criterion.grams(vgg, list(paintings.values()))
  return {
    "vgg": vgg,
    "targets": jax.jit(criterion.targets)(vgg, photo[None] / np.float32(255)),
    "grams": {
      layer: np.einsum("s,scd->cd", weights, x)[None] for layer, x in grams.items()
    },
  }
