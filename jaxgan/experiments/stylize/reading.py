"""Paintings as a network sees them that predicts the rows of their styles.

What is measured is what the style losses see: means and deviations of VGG16's channels.
"""

from collections.abc import Mapping
import dataclasses
import functools
from typing import Any

from absl import logging
import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.features import vgg, weights
from jaxgan.images import pixels, reader
from jaxgan.nets import style_predictor, stylizer

Tree = Any
PREDICTOR = "predictor"  # Entry of the network's weights.
MOST = 4.0  # Deviations from the mean of the training's paintings; others are clipped.
STRANGE = 0.1  # Share of clipped measurements from which on the log warns.


def measure(features: Mapping[str, jax.Array]) -> jax.Array:
  """Logarithms of the channels' means and deviations.

  Args:
    features: activations of VGG16, {layer: [n, h, w, c]}.

  Returns:
    float32 [n, 2 * channels of all layers].
  """
  found = []
  for x in features.values():
    x = x.astype(jnp.float32)
    found += [x.mean((1, 2)), jnp.sqrt(x.var((1, 2)) + 1e-5)]
  return jnp.log(jnp.concatenate(found, -1) + 0.01)


@dataclasses.dataclass(frozen=True)
class Scale:
  """How measurements are made comparable.

  Attributes:
    mean, spread: of the measurements of the training's paintings, float32 [s].
  """

  mean: np.ndarray
  spread: np.ndarray

  def __call__(self, measured: jax.Array) -> jax.Array:
    """Measurements [n, s] to those about 0, in [-MOST, MOST]."""
    return jnp.clip((measured - self.mean) / self.spread, -MOST, MOST)


@dataclasses.dataclass(frozen=True)
class Reader:
  """Predicts rows from paintings, by trained weights.

  Attributes:
    params: the predictor's weights.
    scale: of measurements.
    layers: those of VGG16 that are measured.
    size: side in pixels of the square that is taken of a painting.
    vgg: file of VGG16's weights; "" for the package's.
  """

  params: Tree
  scale: Scale
  layers: tuple[str, ...]
  size: int
  vgg: str = ""

  def rows(
    self, net: stylizer.Stylizer, paintings: Mapping[str, np.ndarray]
  ) -> style_predictor.Rows:
    """The rows of paintings uint8 [h, w, 3], in order; warns of unusual ones."""
    params, size = weights.load_vgg16(self.vgg), (self.size, self.size)
    squares = [reader.decode(x, size=size, channels=3) for x in paintings.values()]
    found = [_measure(params, x[None], self.layers) for x in squares]
    scaled = np.asarray(self.scale(np.concatenate(found)))
    for name, share in zip(paintings, np.mean(abs(scaled) == MOST, 1), strict=True):
      if share > STRANGE:
        logging.warning("%s is unlike all paintings of the training", name)
    return self.predict(net, scaled)

  def predict(self, net: stylizer.Stylizer, scaled: np.ndarray) -> style_predictor.Rows:
    """The rows for scaled measurements [n, s]."""
    bottleneck = self.params["code"]["bias"].size
    predictor = style_predictor.StylePredictor(net.norms(), bottleneck)
    return jax.tree.map(np.asarray, predictor.apply({"params": self.params}, scaled))

  def facts(self) -> dict[str, Any]:
    """Those that `open_reader` needs."""
    return facts(self.scale, self.layers, self.size)


def facts(scale: Scale, layers: tuple[str, ...], size: int) -> dict[str, Any]:
  """What `open_reader` needs besides the weights; see `core.Stage` and `Reader`."""
  return {
    "read_layers": list(layers),
    "read_size": size,
    "read_mean": scale.mean,
    "read_spread": scale.spread,
  }


def open_reader(params: Tree, facts: Mapping[str, Any], vgg_file: str) -> Reader:
  """The reader of a run with these facts."""
  return Reader(
    params,
    Scale(facts["read_mean"], facts["read_spread"]),
    tuple(facts["read_layers"]),
    int(facts["read_size"]),
    vgg_file,
  )


@functools.partial(jax.jit, static_argnames="layers")
def _measure(params: vgg.Params, images: jax.Array, layers: tuple[str, ...]):
  """Measurements [n, s] of images uint8 [n, h, w, 3]."""
  return measure(vgg.activations(params, pixels.to_floats(images), layers))
