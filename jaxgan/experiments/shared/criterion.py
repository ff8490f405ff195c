"""How near an image is to a photograph's content and a painting's style."""

from collections.abc import Mapping, Sequence
import dataclasses
from typing import Any

import jax
import numpy as np

from jaxgan.errors import UserError, nearest
from jaxgan.features import vgg, weights
from jaxgan.images import pixels
from jaxgan.losses import perceptual

Tree = Any


@dataclasses.dataclass(frozen=True)
class Criterion:
  """Content and style losses on VGG16's activations.

  Attributes:
    content: weights of the layers whose activations stand for content.
    style: weights of the layers whose Gram matrices stand for style.
    total_variation: weight of the differences of neighboring pixels.
  """

  content: Mapping[str, float]
  style: Mapping[str, float]
  total_variation: float = 0.0

  @property
  def terms(self) -> tuple[str, ...]:
    """Names of the losses."""
    names = (
      *(f"content_{layer}" for layer in self.content),
      *(f"style_{layer}" for layer in self.style),
    )
    return (*names, "total_variation") if self.total_variation else names

  def load_vgg(self, path: str) -> vgg.Params:
    """VGG16's weights from a file, or "" for the package's, up to the deepest layer.

    Raises:
      UserError: the file cannot be read.
    """
    deepest = max(vgg.LAYERS.index(layer) for layer in (*self.content, *self.style))
    params = weights.load_vgg16(path)
    return {
      name: params[name]
      for name in (layer.replace("relu", "conv") for layer in vgg.LAYERS[: deepest + 1])
    }

  def targets(self, params: Tree, images: jax.Array) -> dict[str, jax.Array]:
    """The content layers' activations of photographs [n, h, w, 3] in [0, 1]."""
    return vgg.activations(params, 2 * images - 1, tuple(self.content))

  def grams(
    self, params: Tree, paintings: Sequence[np.ndarray]
  ) -> dict[str, np.ndarray]:
    """Gram matrices {layer: [n, c, c]} of uint8 paintings [h, w, 3] of any sizes."""

    @jax.jit
    def matrices(params, painting):
      images = pixels.to_floats(painting[None])
      features = vgg.activations(params, images, tuple(self.style))
      return {layer: perceptual.gram(x)[0] for layer, x in features.items()}

    each = [jax.device_get(matrices(params, painting)) for painting in paintings]
    return {layer: np.stack([one[layer] for one in each]) for layer in self.style}

  def losses(
    self,
    params: Tree,
    images: jax.Array,
    targets: Mapping[str, jax.Array],
    grams: Mapping[str, jax.Array],
  ) -> dict[str, jax.Array]:
    """Weighted losses of each image: {"content_relu2_2": [n], "style_relu1_2": ...}.

    Args:
      params: VGG16's.
      images: RGB in [0, 1], [n, h, w, 3].
      targets: what `targets` gives for the photographs.
      grams: of each image's style, {layer: [n, c, c]}.
    """
    layers = tuple({**self.content, **self.style})
    features = vgg.activations(params, 2 * images - 1, layers)
    losses = {
      f"content_{layer}": value
      for layer, value in perceptual.content(features, targets, self.content).items()
    }
    losses |= {
      f"style_{layer}": value
      for layer, value in perceptual.style(features, grams, self.style).items()
    }
    if self.total_variation:
      losses["total_variation"] = self.total_variation * perceptual.total_variation(
        images
      )
    return losses


def create_criterion(loss: Mapping[str, Any]) -> Criterion:
  """The criterion of a config's group `loss`; layers of weight 0 are left out.

  Raises:
    UserError: a layer that VGG16 does not have, a negative weight, or no layer for
      style.
  """
  groups = {}
  for group in ("content", "style"):
    for layer, weight in loss[group].items():
      if layer not in vgg.LAYERS:
        raise UserError(
          f"config.loss.{group}.{layer}: VGG16 has no such layer: "
          f"{nearest(layer, vgg.LAYERS)}"
        )
      if not weight >= 0:
        raise UserError(f"config.loss.{group}.{layer} = {weight} must be 0 or more.")
    groups[group] = {
      layer: float(weight) for layer, weight in loss[group].items() if weight
    }
  if not groups["style"]:
    raise UserError("config.loss.style: give at least one layer a weight.")
  return Criterion(**groups, total_variation=loss["total_variation"])
