"""VGG16's convolutions (Simonyan and Zisserman, 2015) with named activations.

Perceptual losses and the default features of evaluation use it. `weights.load_vgg16`
reads its parameters.
"""

from collections.abc import Callable
import functools

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.ops import lowering

Params = dict[str, dict[str, np.ndarray]]

_BLOCKS = ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3)
# {"1_1": 64, "1_2": 64, "2_1": 128, ... "5_3": 512}, in the order of computation.
WIDTHS = {
  f"{block}_{i}": width
  for block, widths in enumerate(_BLOCKS, start=1)
  for i, width in enumerate(widths, start=1)
}
LAYERS = tuple(f"relu{name}" for name in WIDTHS)
LPIPS_LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # ImageNet's, of RGB in [0, 1].
_STD = np.array([0.229, 0.224, 0.225], np.float32)


def max_pool(x: jax.Array) -> jax.Array:
  """2x2 maxima of [n, h, w, c]; an odd last row or column is dropped.

  Of strided slices: on CPU they take a tenth of reduce_window's time, as does the
  gradient.
  """
  h, w = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
  corners = [x[:, i:h:2, j:w:2] for i in (0, 1) for j in (0, 1)]
  return functools.reduce(jnp.maximum, corners)


def activations(
  params: Params,
  images: jax.Array,
  layers: tuple[str, ...],
  *,
  pool: Callable[[jax.Array], jax.Array] = max_pool,
) -> dict[str, jax.Array]:
  """Activations after the named ReLUs; nothing above the deepest one is computed.

  Args:
    params: what `weights.load_vgg16` returns.
    images: RGB in [-1, 1], [n, h, w, 3]; h and w at least 16 for relu5_*.
    layers: names out of `LAYERS`, relu1_1 to relu5_3.
    pool: halves the activations between blocks.

  Returns:
    {name: [n, h / 2^(block - 1), w / 2^(block - 1), channels]}, sizes rounded down.

  Raises:
    ValueError: images of another shape, or an unknown layer.
  """
  if images.ndim != 4 or images.shape[-1] != 3:
    raise ValueError(f"VGG16 takes images [n, h, w, 3], not {images.shape}")
  if unknown := set(layers) - set(LAYERS):
    raise ValueError(f"VGG16 has no layer {sorted(unknown)}; it has {LAYERS}")
  x = ((images + 1) / 2 - _MEAN) / _STD
  found = {}
  for layer in LAYERS:
    if len(found) == len(set(layers)):
      break
    if layer.endswith("_1") and layer != "relu1_1":
      x = pool(x)
    weights = params[layer.replace("relu", "conv")]
    x = lowering.conv(x, weights["kernel"], strides=(1, 1), padding="SAME")
    x = jax.nn.relu(x + weights["bias"])
    if layer in layers:
      found[layer] = x
  return found
