"""How good a generator of one image is: SIFID, variety, reconstruction.

Images are uint8 [n, h, w, c]; the networks take gray ones as RGB.
"""

from collections.abc import Callable
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.features import dists, inception, lpips, vgg, weights
from jaxgan.images import color, pixels
from jaxgan.metrics import estimates, statistics

LEAST_SAMPLES = estimates.LEAST_RING  # Of which `lpips_diversity` has an interval.
_INCEPTION = {64: "Conv2d_2b_3x3", 192: "Conv2d_4a_3x3"}


class Layer:
  """A layer of a network whose positions are the samples that SIFID compares.

  Attributes:
    name: of the metric, such as "sifid_vgg16_relu1_2".
  """

  def __init__(
    self, name: str, apply: Callable[[Any, jax.Array], jax.Array], params: Any
  ):
    """Compiles nothing yet.

    Args:
      name: see above.
      apply: (params, RGB images in [-1, 1] [1, h, w, 3]) -> [1, h', w', d].
      params: the weights that `apply` takes.
    """
    self.name, self._params = name, params
    self._moments = jax.jit(lambda params, image: _moments(apply(params, image)))

  def __call__(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean [d] and unbiased covariance [d, d] over the positions in an image.

    Args:
      image: uint8 [h, w, c] of any size.
    """
    mean, covariance = self._moments(self._params, _rgb(image)[None])
    return np.asarray(mean, np.float64), np.asarray(covariance, np.float64)


def _rgb(image: np.ndarray) -> np.ndarray:
  """Uint8 [..., 1, 3 or 4] to float32 [..., 3] in [-1, 1]."""
  image = pixels.to_floats(image[..., :3])
  return np.broadcast_to(image, (*image.shape[:-1], 3))


def _moments(x: jax.Array) -> tuple[jax.Array, jax.Array]:
  x = x.reshape(-1, x.shape[-1])
  mean = x.mean(0)
  centered = x - mean
  return mean, jnp.matmul(centered.T, centered, precision="highest") / (len(x) - 1)


def vgg16_layer(layer: str = "relu1_2", path: str = "") -> Layer:
  """A layer of VGG16, whose weights are at hand: "sifid_vgg16_<layer>".

  Such distances rank runs by the same command; they are no published SIFID.

  Args:
    layer: one of `vgg.LAYERS`.
    path: weights, see `weights.load_vgg16`; "" for the packaged ones of ImageNet.
  """
  apply = lambda params, x: vgg.activations(params, x, (layer,))[layer]
  return Layer(f"sifid_vgg16_{layer}", apply, weights.load_vgg16(path))


def inception_layer(channels: int, path: str) -> Layer:
  """SIFID as published: "sifid64" or "sifid192".

  Args:
    channels: 192 is the layer that SinGAN's paper names, before the second pooling;
      64 the one that its program uses, before the first.
    path: torchvision's weights of ImageNet, converted as `jaxgan.features.inception`
      describes for another network of the same names.

  Raises:
    UserError: the weights cannot be read.
    ValueError: for other channels.
  """
  if channels not in _INCEPTION:
    raise ValueError(f"{channels} channels: SIFID is defined for {set(_INCEPTION)}.")
  apply = functools.partial(inception.activation, layer=_INCEPTION[channels])
  return Layer(f"sifid{channels}", apply, weights.load_inception(path))


def sifid(layer: Layer, real: np.ndarray, fakes: np.ndarray) -> np.ndarray:
  """Single Image FID (Shaham et al., 2019) of each fake: float64 [n].

  The Frechet distance between the positions' features in the two images. It varies
  much from image to image: report the median beside the mean.

  Args:
    layer: see `vgg16_layer` and `inception_layer`.
    real: the image that the generator learned from, uint8 [h, w, c].
    fakes: uint8 [n, h', w', c].
  """
  known = layer(real)
  return np.array(
    [statistics.frechet_from_moments(*known, *layer(fake)) for fake in fakes]
  )


def _intensity(images: np.ndarray) -> np.ndarray:
  """Brightness [...] in [0, 255] of images [..., c]."""
  return color.luma(images[..., :3].astype(np.float64))


def diversity(real: np.ndarray, fakes: np.ndarray) -> float:
  """The score of SinGAN's paper, which takes 100 samples.

  Each pixel's standard deviation of intensity over the samples, averaged over pixels,
  divided by the standard deviation of the training image's intensities. 0 where all
  samples are alike or the image is of one intensity.

  Args:
    real: uint8 [h, w, c].
    fakes: uint8 [n, h', w', c], n at least 2.
  """
  scale = _intensity(real).std()
  return float(_intensity(fakes).std(0).mean() / scale) if scale else 0.0


def lpips_diversity(fakes: np.ndarray) -> estimates.Estimate:
  """Mean LPIPS of each sample and the next one, the last and the first.

  Args:
    fakes: independent samples, uint8 [n, h, w, c], n at least `LEAST_SAMPLES`. Those
      with sides below 16 are enlarged by whole numbers.
  """
  images = _for_vgg(fakes)
  found = lpips.distances(images, np.roll(images, -1, axis=0))
  return estimates.ring_mean(found.astype(np.float64))


def dists_of(real: np.ndarray, reconstruction: np.ndarray) -> float:
  """DISTS of two images, uint8 [h, w, c]: 0 if equal, lower is better.

  Unlike `psnr` it forgives fine texture that is of the right kind.
  """
  return float(dists.distances(_for_vgg(real[None]), _for_vgg(reconstruction[None]))[0])


def _for_vgg(images: np.ndarray) -> np.ndarray:
  """Colors, gray repeated, transparency left out, sides of 16 pixels or more."""
  images = np.broadcast_to(images[..., :3], (*images.shape[:3], 3))
  times = -(-16 // min(images.shape[1:3]))
  return images.repeat(times, 1).repeat(times, 2)


def psnr(real: np.ndarray, reconstruction: np.ndarray) -> float:
  """Peak signal-to-noise ratio in decibels of uint8 images; infinite if equal."""
  error = np.square(real.astype(np.float64) - reconstruction).mean()
  return float(10 * np.log10(255**2 / error)) if error else float("inf")
