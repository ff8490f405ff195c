"""Feature vectors of images, for the statistics that compare sets of them."""

from collections.abc import Callable
import functools
import hashlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan import progress
from jaxgan.features import batched, inception, vgg, weights
from jaxgan.images import pixels

Apply = Callable[[Any, jax.Array], jax.Array]


class Extractor:
  """A function from uint8 images to feature vectors, run batch by batch.

  Attributes:
    name: of the backbone, as metrics are labeled: "vgg16" gives "fd_vgg16".
    protocol: what is computed, in words; features of two protocols are not comparable.
  """

  def __init__(
    self, name: str, apply: Apply, params: Any, *, protocol: str, batch_size: int = 32
  ):
    """Compiles nothing yet.

    Args:
      name: see above.
      apply: (params, float32 images in [-1, 1] [b, h, w, c]) -> features [b, d].
      params: the weights that `apply` takes.
      protocol: see above.
      batch_size: how many images go through at once at most, see `batched.run`.
    """
    self.name, self.protocol = name, protocol
    self._params = jax.device_put(params)
    self._batch_size = batch_size
    # One compilation an image size; the weights are an argument, not a constant.
    self._apply = jax.jit(
      lambda params, images: apply(params, pixels.to_floats(images))
    )

  def __call__(self, images: np.ndarray) -> np.ndarray:
    """Features float32 [n, d] of images uint8 [n, h, w, c], n at least 1."""
    if images.ndim != 4 or images.dtype != np.uint8 or not len(images):
      raise ValueError(
        f"expected uint8 images [n, h, w, c], not {images.dtype} {images.shape}"
      )
    function = functools.partial(self._apply, self._params)
    with progress.track(len(images), f"{self.name} features") as advance:
      return batched.run(function, images, most=self._batch_size, advance=advance)

  @functools.cached_property
  def fingerprint(self) -> str:
    """A hash of the weights and the protocol: equal where features are."""
    digest = hashlib.sha256(self.protocol.encode())
    for leaf in jax.tree.leaves(self._params):
      digest.update(np.asarray(leaf).tobytes())
    return digest.hexdigest()


def vgg16_features(path: str = "", *, batch_size: int = 32) -> Extractor:
  """The default features, which need no download: the mean of VGG16's relu5_3.

  Args:
    path: weights, see `weights.load_vgg16`; "" for the packaged ones of ImageNet.
    batch_size: how many images go through at once at most, see `batched.run`.

  Returns:
    Images uint8 [n, h, w, 1 or 3] -> float32 [n, 512]. Distances of these features
    are not FID, which is defined by Inception's.

  Raises:
    errors.UserError: the weights cannot be read.
  """
  return Extractor(
    "vgg16",
    _vgg16,
    weights.load_vgg16(path),
    protocol=(
      "VGG16 of ImageNet, mean of relu5_3 over positions (512-d), native size, below"
      " 32 pixels enlarged to 32 (bilinear)"
    ),
    batch_size=batch_size,
  )


def inception_features(path: str, *, batch_size: int = 32) -> Extractor:
  """The features by which FID is defined, from weights that the user gives.

  Args:
    path: weights, made as the docstring of `jaxgan.features.inception` describes.
    batch_size: how many images go through at once at most, see `batched.run`.

  Returns:
    Images uint8 [n, h, w, 1 or 3] -> float32 [n, 2048].

  Raises:
    errors.UserError: the weights cannot be read.
  """
  return Extractor(
    "inception",
    _inception,
    weights.load_inception(path),
    protocol=(
      "Inception v3 of FID, pool3 (2048-d), resized to 299x299 (bilinear, not"
      " antialiased, as pytorch-fid)"
    ),
    batch_size=batch_size,
  )


def _inception(params: inception.Params, images: jax.Array) -> jax.Array:
  return inception.pool3(params, jnp.broadcast_to(images, (*images.shape[:3], 3)))


def _vgg16(params: vgg.Params, images: jax.Array) -> jax.Array:
  n, h, w, _ = images.shape
  images = jnp.broadcast_to(images, (n, h, w, 3))  # Gray becomes RGB.
  if min(h, w) < 32:
    scale = 32 / min(h, w)
    size = (n, round(h * scale), round(w * scale), 3)
    images = jax.image.resize(images, size, "bilinear")
  return vgg.activations(params, images, ("relu5_3",))["relu5_3"].mean((1, 2))
